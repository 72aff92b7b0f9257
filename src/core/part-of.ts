import type { Client, Entry, Visit } from '../contract/visit.ts'

/**
 * How something is entered that an operation asks a source for: for the same client, and what its server says and asks meanwhile reaches it.
 *
 * What comes back becomes part of the operation's own answer, so that a client which takes `input_required` results is asked in the other way.
 */
export function partOf(visit: Visit): Entry {
  const { transport, requestId, sessionKey, signal, progress, notify, traceparent, client, ask, depth = 0, id } = visit
  return {
    ...{ transport, requestId, sessionKey, signal, depth, parentId: id, isPart: true },
    ...(progress && { progress }),
    ...(notify && { notify }),
    ...(traceparent !== undefined && { traceparent }),
    ...(client && { client: asked(client) }),
    ...(ask && { ask }),
  }
}

function asked(client: Client): Client {
  const { capabilities, info, logLevel, takesInputRequired, standing } = client
  return takesInputRequired ? { capabilities, info, logLevel, standing, takesInputRequired: false } : client
}
