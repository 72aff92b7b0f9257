import type { JsonSchema } from '../../../contract/tool.ts'

const MOST_TEXT = 1_000
const VALUE = new Set(['type', 'enum', 'description', 'format'])

/** Choices that are one value each, as one list of values with what they mean; `undefined` where they are more than that. */
export function listedValues(choices: readonly JsonSchema[]): JsonSchema | undefined {
  const types = new Set(choices.map(({ type }) => type))
  const isList = choices.every(
    (each) => Array.isArray(each['enum']) && each['enum'].length === 1 && Object.keys(each).every((key) => VALUE.has(key)),
  )
  if (!isList || types.size !== 1) return undefined
  const values = choices.map((each) => (each['enum'] as unknown[])[0])
  const meanings = choices.flatMap(({ description }, index) =>
    description === undefined ? [] : `${String(values[index])}: ${String(description)}`,
  )
  const [type] = types
  return {
    ...(type === undefined ? {} : { type }),
    enum: [...new Set(values)],
    ...(meanings.length === 0 ? {} : { description: meanings.join('; ').slice(0, MOST_TEXT) }),
  }
}
