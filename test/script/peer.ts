type Fields = Readonly<Record<string, unknown>>

/** A message of a server that nobody waited for. */
export interface Heard {
  readonly method: string
  readonly params: Fields
}

/** What goes with a request. */
interface RequestHow {
  readonly signal?: AbortSignal
  readonly onProgress?: (progress: Fields) => void
}

/** An official client, of whichever version, as a script uses it. */
export interface Peer {
  readonly era: 'session' | 'stateless'
  /** Capabilities and instructions of the server. */
  readonly introduction: Fields
  /** Result as the client hands it on. @throws Error with `code` and `data` */
  request(method: string, params?: Fields, how?: RequestHow): Promise<Fields>
  /** Notifications, progress left out. */
  readonly heard: Heard[]
  /** What the server asked and was answered. */
  readonly asked: Heard[]
  /** Be told when a resource is updated. @returns a function that ends it */
  watch(uri: string): Promise<() => Promise<unknown>>
  close(): Promise<void>
}

/** Where a peer connects to. */
export interface Address {
  readonly url: string
  readonly token: string | undefined
}

/** Connects an official client. */
export type Connect = (address: Address) => Promise<Peer>

/** HTTP options with the token. */
export const requestInitFor = ({ token }: Address) => ({
  requestInit: { headers: token === undefined ? {} : { authorization: `Bearer ${token}` } },
})
