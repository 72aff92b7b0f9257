import type { Heard, Peer } from './peer.ts'

type Fields = Readonly<Record<string, unknown>>

/** What came of one step: a result or an error, and what was heard and asked meanwhile. */
export interface Entry {
  readonly step: string
  readonly result?: unknown
  readonly error?: unknown
  readonly progress?: readonly Fields[]
  readonly heard: readonly Heard[]
  readonly asked: readonly Heard[]
}

/** Takes down what happens between a script and a server, in words that are the same whoever stands between them. */
export class Transcript {
  readonly entries: Entry[] = []
  readonly #peer: Peer
  readonly #isAside: (heard: Heard) => boolean

  /** @param isAside what a server says and asks at times of its own, and is not taken down */
  constructor(peer: Peer, isAside: (heard: Heard) => boolean = () => false) {
    this.#peer = peer
    this.#isAside = isAside
  }

  /** Send a request and take down all that it brings. */
  async request(method: string, params: Fields = {}): Promise<void> {
    const progress: Fields[] = []
    const [heard, asked] = [this.#peer.heard.length, this.#peer.asked.length]
    const outcome = await this.#peer.request(method, params, { onProgress: (step) => progress.push(step) }).then(
      (result) => ({ result: plain(result) }),
      ({ code, data }: { code?: unknown; data?: object }) => ({ error: plain({ code, data: isOwn(data) ? undefined : data }) }),
    )
    this.entries.push({
      step: `${method} ${String(params['name'] ?? params['uri'] ?? JSON.stringify(params))}`,
      ...outcome,
      // The last one comes with the result, and then clients may drop it.
      ...(progress.length > 0 && { progress: progress.filter((step) => step['progress'] !== step['total']) }),
      heard: this.#peer.heard
        .slice(heard)
        .filter((heard) => heard.method === 'notifications/message' && !this.#isAside(heard))
        .map(plainHeard),
      asked: this.#peer.asked
        .slice(asked)
        .filter((question) => !this.#isAside(question))
        .map(plainHeard)
        .sort(byText),
    })
  }

  note(step: string, result: unknown): void {
    this.entries.push({ step, result: plain(result), heard: [], asked: [] })
  }
}

/** Fields of results that differ by rule: who answers, for how long it is good, ids of requests and of pages, how one era alone has tasks. */
const OWN = ['resultType', 'ttlMs', 'cacheScope', 'requestId', 'elicitationId', 'nextCursor', 'mode', 'execution']
const LISTS = ['tools', 'prompts', 'resources', 'resourceTemplates']

/** What the gateway refuses itself carries its fault code, see `faults.md`. */
const isOwn = (data: object | undefined): boolean => data !== undefined && 'code' in data && 'requestId' in data

const plainHeard = ({ method, params }: Heard): Heard => ({ method, params: plain(params) as Fields })

/** A value without what differs by rule; lists in the order of their JSON. */
export function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) {
    const entries = value.map((entry) => plain(entry))
    return LISTS.includes(key) ? entries.sort(byText) : entries
  }
  if (typeof value === 'string') return plainText(value, key)
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).filter(([name]) => !OWN.includes(name))
  const fields = kept.map(([name, field]) => [name, name === '_meta' ? plainMeta(field) : plain(field, name)] as const)
  return Object.fromEntries(fields.filter(([, field]) => field !== undefined))
}

/** Without who asks, how often something happened, and when. */
function plainText(text: string, key: string): string {
  if (key === 'message') return text.replace(/^\[[\w-]+\] /, '')
  // Blobs of the reference server hold a time too.
  if (key === 'blob') return text.slice(0, 16)
  return text
    .replace(/\d+ times/, 'N times')
    .replace(/\d+:\d+:\d+ [AP]M/, 'now')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/, 'some id')
}

/** Who serves and the SDK's own tokens are left out of `_meta`, and it with them when nothing else is in it. */
function plainMeta(meta: unknown): unknown {
  const kept = Object.entries(plain(meta, 'meta') as Fields).filter(
    ([name]) => !name.startsWith('io.modelcontextprotocol/') && name !== 'progressToken' && name !== 'traceparent',
  )
  return kept.length === 0 ? undefined : Object.fromEntries(kept)
}

function byText(a: unknown, b: unknown): number {
  const [left, right] = [JSON.stringify(a), JSON.stringify(b)]
  return left < right ? -1 : Number(left > right)
}
