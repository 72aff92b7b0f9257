import { createHash } from 'node:crypto'

/** Together with an alias of 20 characters and the two lines after it, 64. */
const MOST = 42
const MARK = 6

/** What a name is made of. */
interface Named {
  readonly key: string
  readonly operationId: string
}

/**
 * A legal name for each operation, in the order given: from the operationId, or from method and path. Where two want the same, all but the
 * first by key get a mark made from their key, which does not depend on the order in the document.
 */
export function toolNames(operations: readonly Named[]): string[] {
  const names = new Map<string, string>()
  const taken = new Set<string>()
  for (const { key, operationId } of operations.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    const wanted = legal(operationId) || legal(key) || 'operation'
    const isLong = wanted.length > MOST
    const name = isLong || taken.has(wanted.toLowerCase()) ? marked(wanted, key) : wanted
    taken.add(name.toLowerCase())
    names.set(key, name)
  }
  return operations.map(({ key }) => names.get(key)!)
}

/** `GET /pets/{id}` → `get_pets_id` */
const legal = (text: string): string => {
  const spelt = text.includes(' /') ? text.replace(/^\w+/, (method) => method.toLowerCase()) : text
  return spelt.replace(/[^A-Za-z0-9-]+/g, '_').replace(/^[_-]+|[_-]+$/g, '')
}

const marked = (wanted: string, key: string): string =>
  `${wanted.slice(0, MOST - MARK - 1).replace(/[_-]+$/, '')}_${createHash('sha256').update(key).digest('hex').slice(0, MARK)}`
