import { Fault } from '../../contract/fault.ts'
import type { RelayedResult } from '../../contract/visit.ts'
import { RPC, RpcError } from '../../mcp/rpc.ts'
import { askClient } from './answer-server.ts'
import type { Call } from './call.ts'
import { requireFew } from './input-rounds.ts'
import type { Link } from './link.ts'
import type { Params } from './question.ts'
import { passQuestion } from './relayed-inputs.ts'

/** In answer to these a client of the stateless era can be asked something. */
const ASKING = ['tools/call', 'prompts/get', 'resources/read']
/** When a call is tried again after somebody agreed to visit a page, in ms: agreeing is not yet having been there. */
const AGAIN_AFTER_MS = [0, 1_000, 2_000, 4_000, 8_000]
/** A server that sends people away more often than this will never be content. */
const MAX_ROUNDS = 5

/** The pages that a server wants visited before it does anything (MCP 2025-11-25, error -32042). */
export function pagesFirst(thrown: unknown): readonly Params[] | undefined {
  if (!(thrown instanceof RpcError) || thrown.code !== RPC.urlElicitationRequired) return undefined
  const pages = (thrown.data as Params | undefined)?.['elicitations']
  return Array.isArray(pages) && pages.length > 0 ? pages.map((page) => ({ ...page, mode: 'url' })) : undefined
}

/**
 * Send a client to the pages that its call needs. Each of them passes the door like any other question of a server.
 *
 * A client of the session era knows what to do with the error and is handed it. The stateless era has no such error: there the client is
 * asked, and the call is made again once it agrees, until its server has heard of it. Who speaks no MCP reads where to go.
 *
 * @param again makes the call again; nothing of it was done before
 * @throws RpcError for a client of the session era, Fault for one that speaks no MCP, and where the client will not go or must not be sent
 */
export async function afterPages(
  link: Link,
  call: Call,
  thrown: RpcError,
  again: () => Promise<RelayedResult>,
): Promise<RelayedResult> {
  const { client } = call.visit
  if (client === undefined) throw inWords(link, await handedOver(link, call, thrown))
  if (!client.takesInputRequired || !ASKING.includes(call.question.method)) throw await handedOver(link, call, thrown)
  let refusal = thrown
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const pages = pagesFirst(refusal)!
    requireFew(link, pages)
    await Promise.all(pages.map((page) => visit(link, call, page)))
    const answer = await untilHeard(link, call, pages, again)
    if (!(answer instanceof RpcError)) return answer
    refusal = answer
  }
  throw new Fault('upstream', `Upstream ${link.alias} still wants a page visited: ${refusal.message.slice(0, 1_000)}`)
}

async function handedOver(link: Link, call: Call, thrown: RpcError): Promise<RpcError> {
  const pages = pagesFirst(thrown)!
  requireFew(link, pages)
  const passed = pages.map(async (params) => {
    const shown = await passQuestion(link, call, { method: 'elicitation/create', params })
    return shown['params']
  })
  return new RpcError(thrown.code, thrown.message, {
    data: { ...(thrown.data as Params), elicitations: await Promise.all(passed) },
  })
}

/** For whoever reads a sentence, and for programs the pages as their server gave them. */
function inWords({ alias }: Link, { code, data }: RpcError): Fault {
  const pages = (data as { readonly elicitations: readonly Params[] }).elicitations
  const told = pages.map(({ url, message }) => `${url} (${String(message).slice(0, 200)})`).join(', ')
  return new Fault('upstream', `Upstream ${alias} goes on only when somebody has visited ${told}. Open it, then call again.`, {
    data: { rpcCode: code, rpcData: data },
  })
}

/** @throws Fault where the client does not go there */
async function visit(link: Link, call: Call, page: Params): Promise<void> {
  const answer = (await askClient(link, call, 'elicitation/create', page, call.signal)) as Params
  if (answer['action'] === 'accept') return
  const why = `the client answered ${String(answer['action']).slice(0, 40)}`
  throw new Fault('upstream', `Upstream ${link.alias} goes on only when a page has been visited, and ${why}.`)
}

/** @returns the answer, or what the server still wants */
async function untilHeard(
  link: Link,
  call: Call,
  pages: readonly Params[],
  again: () => Promise<RelayedResult>,
): Promise<RelayedResult | RpcError> {
  const ids = pages.flatMap(({ elicitationId }) => (typeof elicitationId === 'string' ? elicitationId : []))
  let refusal: RpcError | undefined
  for (const waitMs of AGAIN_AFTER_MS) {
    if (waitMs > 0) await link.hearing.pages.wait(ids, waitMs, call.signal)
    try {
      return await again()
    } catch (thrown) {
      if (call.signal.aborted || pagesFirst(thrown) === undefined) throw thrown
      refusal = thrown as RpcError
    }
  }
  return refusal!
}
