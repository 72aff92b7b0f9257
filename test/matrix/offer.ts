/** Sends a request and returns the result. @throws Error with what was answered instead */
export type Request = (method: string, params?: object) => Promise<Readonly<Record<string, unknown>>>

/** What is listed: by which method, under which key. */
const LISTS = [
  ['tools/list', 'tools'],
  ['prompts/list', 'prompts'],
  ['resources/list', 'resources'],
  ['resources/templates/list', 'resourceTemplates'],
] as const

export type ListKey = (typeof LISTS)[number][1]

/** Everything that a server lists, each entry as the JSON that came. */
export type Offer = Readonly<Record<ListKey, readonly string[]>>

/** Enough for every server there is. */
const MAX_PAGES = 100

/** Read all lists to their ends. A list that the server does not have is empty. */
export async function readOffer(request: Request): Promise<Offer> {
  const lists: [ListKey, readonly string[]][] = []
  for (const [method, key] of LISTS) lists.push([key, await readList(request, method, key).catch(refusedList)])
  return Object.fromEntries(lists) as Record<ListKey, readonly string[]>
}

async function readList(request: Request, method: string, key: ListKey): Promise<string[]> {
  const entries: unknown[] = []
  let cursor: unknown
  for (let page = 0; page < MAX_PAGES; page++) {
    const result = await request(method, cursor === undefined ? {} : { cursor })
    entries.push(...(result[key] as unknown[]))
    cursor = result['nextCursor']
    if (cursor === undefined) break
  }
  return entries.map((entry) => JSON.stringify(entry))
}

function refusedList(thrown: unknown): string[] {
  if (/"code":-32601/.test(String(thrown))) return []
  throw thrown
}

/** What differs between two offers, by list; empty when all entries are the same to the byte. The gateway lists in an order of its own. */
export function differences(direct: Offer, relayed: Offer): string[] {
  return LISTS.flatMap(([, key]) => {
    const missing = direct[key].filter((entry) => !relayed[key].includes(entry))
    const added = relayed[key].filter((entry) => !direct[key].includes(entry))
    return [
      ...missing.map((entry) => `${key}: not relayed: ${entry.slice(0, 200)}`),
      ...added.map((entry) => `${key}: not from the server: ${entry.slice(0, 200)}`),
    ]
  })
}
