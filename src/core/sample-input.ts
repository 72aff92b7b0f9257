import type { JsonSchema } from '../contract/tool.ts'

/** Values to begin with, by type. */
const EMPTY: Readonly<Record<string, unknown>> = { string: '', number: 0, integer: 0, boolean: false, array: [], object: {} }

/** Arguments to begin with: the fields that must be there, filled in with what the schema gives as default, example or choice. */
export function sampleInput({ required, properties }: JsonSchema): Readonly<Record<string, unknown>> {
  const names = Array.isArray(required) ? required.filter((name) => typeof name === 'string') : []
  return Object.fromEntries(names.map((name) => [name, sampleOf((properties as Record<string, unknown> | undefined)?.[name])]))
}

function sampleOf(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null) return null
  const { default: given, examples, enum: choices, const: only, type } = schema as Record<string, unknown>
  return given ?? first(examples) ?? first(choices) ?? only ?? EMPTY[String(type)] ?? null
}

const first = (list: unknown): unknown => (Array.isArray(list) ? list[0] : undefined)
