import { bodyOf, readLeb, SECTION } from './section.ts'

const FUNCTION = 0x60

/**
 * Let a module have no types but those of functions: structs and arrays of the garbage collection proposal live in the thread's heap, where no
 * limit of the module holds.
 *
 * @throws TypeError
 */
export function requirePlainTypes(module: Uint8Array): void {
  const body = bodyOf(module, SECTION.type)
  if (!body) return
  const count = readLeb(body, 0)
  let at = count.endAt
  for (let index = 0; index < count.value; index += 1) {
    if (body[at] !== FUNCTION)
      throw new TypeError('The module uses types of the garbage collection proposal, which is not supported.')
    const parameters = readLeb(body, at + 1)
    const results = readLeb(body, parameters.endAt + parameters.value)
    at = results.endAt + results.value
  }
}
