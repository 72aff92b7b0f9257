/** What came over the socket is not what the protocol allows; the connection is closed. */
export class WireError extends Error {
  override readonly name = 'WireError'
}
