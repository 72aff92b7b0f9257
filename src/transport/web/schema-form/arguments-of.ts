import type { FaultDetail } from '../../../contract/fault.ts'
import type { JsonSchema } from '../../../contract/tool.ts'
import { childPointer, escapeStep, unescapeStep } from './pointer.ts'
import { type Shape, shapeOf } from './shape.ts'

/** The fields of a form as they were posted; a name that occurs several times is an array. */
export type FormBody = Readonly<Record<string, unknown>>

/** What a form body stands for. */
export interface FormArguments {
  readonly value: unknown
  /** What could not be read at all, such as broken JSON; judging the values is the tool's own matter. */
  readonly details: readonly FaultDetail[]
}

interface Reading {
  readonly texts: ReadonlyMap<string, string | readonly string[]>
  /** Every pointer under which something was posted; nothing else is looked into, however large the schema. */
  readonly branches: ReadonlySet<string>
  readonly root: JsonSchema
  readonly details: FaultDetail[]
  readonly keepBlankRows: boolean
}

/**
 * Turn the posted fields of a schema form into arguments.
 *
 * Fields are named by JSON pointer (`/filter/limit`); a plain name (`limit`) stands for the pointer `/limit`, and names that begin with `_` are the console's own.
 * `_json` replaces all fields when `_mode` is `json` or when it is the only one. A field left blank is an argument left out, unless it is required text.
 * What does not fit its type is passed on as it was typed, so that the tool's own judgement names it.
 *
 * @param options.keepBlankRows keep rows that nothing was typed into, for a form that is shown again rather than run
 */
export function argumentsOf(
  schema: JsonSchema,
  body: FormBody,
  options: { readonly keepBlankRows?: boolean } = {},
): FormArguments {
  const texts = textsOf(body)
  const details: FaultDetail[] = []
  const raw = body['_json']
  if (typeof raw === 'string' && (body['_mode'] === 'json' || texts.size === 0))
    return { value: parsed(raw, '', details) ?? {}, details }
  const reading = {
    texts,
    branches: branchesOf(texts.keys()),
    root: schema,
    details,
    keepBlankRows: options.keepBlankRows ?? false,
  }
  return { value: read(schema, '', true, 0, '', reading) ?? {}, details }
}

function textsOf(body: FormBody): ReadonlyMap<string, string | readonly string[]> {
  const texts = new Map<string, string | readonly string[]>()
  for (const [name, value] of Object.entries(body)) {
    if (name.startsWith('_')) continue
    const pointer = name.startsWith('/') ? name : `/${escapeStep(name)}`
    texts.set(pointer, Array.isArray(value) ? value.map(String) : String(value))
  }
  return texts
}

function branchesOf(pointers: Iterable<string>): ReadonlySet<string> {
  const branches = new Set<string>([''])
  for (const pointer of pointers) {
    for (
      let end = pointer.lastIndexOf('/');
      end > 0 && !branches.has(pointer.slice(0, end));
      end = pointer.lastIndexOf('/', end - 1)
    ) {
      branches.add(pointer.slice(0, end))
    }
  }
  return branches
}

function read(schema: unknown, pointer: string, required: boolean, depth: number, name: string, reading: Reading): unknown {
  const shape = shapeOf(schema, reading.root, depth, name)
  switch (shape.kind) {
    case 'object':
      return readObject(shape, pointer, required, depth, reading)
    case 'list':
      return readList(shape, pointer, required, depth, reading)
    case 'choices':
      return readChoices(shape, pointer, required, reading)
    case 'map':
      return readMap(shape, pointer, required, reading)
    case 'constant':
      return required || reading.texts.has(pointer) ? shape.value : undefined
    default:
      return readScalar(shape, pointer, required, reading)
  }
}

function readObject(
  shape: Shape & { kind: 'object' },
  pointer: string,
  required: boolean,
  depth: number,
  reading: Reading,
): unknown {
  const whole = reading.texts.get(pointer)
  if (typeof whole === 'string' && pointer !== '') return parsed(whole, pointer, reading.details)
  if (!reading.branches.has(pointer)) return required ? {} : undefined
  const entries = shape.properties
    .map(
      (one) => [one.name, read(one.schema, childPointer(pointer, one.name), one.required, depth + 1, one.name, reading)] as const,
    )
    .filter(([, value]) => value !== undefined)
  const unknown = pointer === '' ? unknownFields(shape, reading) : []
  // An optional object whose inputs were all left blank is left out, but not from a form that is shown again.
  const isBlank = entries.length + unknown.length === 0
  return isBlank && !required && !reading.keepBlankRows ? undefined : Object.fromEntries([...entries, ...unknown])
}

/** Fields that the schema does not know are passed on, so that a misspelt one is refused rather than lost. */
function unknownFields(shape: Shape & { kind: 'object' }, { texts }: Reading): (readonly [string, unknown])[] {
  const known = new Set(shape.properties.map((one) => one.name))
  return [...texts]
    .filter(([pointer]) => !pointer.slice(1).includes('/') && !known.has(unescapeStep(pointer.slice(1))))
    .map(([pointer, text]) => [unescapeStep(pointer.slice(1)), text])
}

function readList(shape: Shape & { kind: 'list' }, pointer: string, required: boolean, depth: number, reading: Reading): unknown {
  const whole = reading.texts.get(pointer)
  if (typeof whole === 'string') return wholeList(whole, pointer, required, reading)
  if (whole !== undefined) return whole
  const items = rowNumbers(pointer, reading).map((row) =>
    read(shape.item, childPointer(pointer, row), false, depth + 1, '', reading),
  )
  const kept = reading.keepBlankRows ? items : items.filter((item) => item !== undefined)
  return kept.length === 0 && !required ? undefined : kept
}

/** A list that came as one text: JSON, or one item per line. */
function wholeList(text: string, pointer: string, required: boolean, reading: Reading): unknown {
  if (text.trim().startsWith('[')) return parsed(text, pointer, reading.details)
  const lines = text
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter(Boolean)
  return lines.length === 0 && !required ? undefined : lines
}

function rowNumbers(pointer: string, { texts }: Reading): number[] {
  const prefix = `${pointer}/`
  const rows = new Set<number>()
  for (const one of texts.keys()) {
    const row = one.startsWith(prefix) ? /^\d{1,4}(?=\/|$)/.exec(one.slice(prefix.length))?.[0] : undefined
    if (row !== undefined) rows.add(Number(row))
  }
  return [...rows].sort((a, b) => a - b)
}

/** A map is one text, or a field for each of its keys where a page knows these. */
function readMap(shape: Shape & { kind: 'map' }, pointer: string, required: boolean, reading: Reading): unknown {
  if (!reading.branches.has(pointer)) return readScalar(shape, pointer, required, reading)
  const prefix = `${pointer}/`
  const entries = [...reading.texts].filter(
    ([one, text]) => one.startsWith(prefix) && !one.slice(prefix.length).includes('/') && text !== '',
  )
  return Object.fromEntries(
    entries.map(([one, text]) => [unescapeStep(one.slice(prefix.length)), [text].flat().at(-1)?.replaceAll('\r\n', '\n')]),
  )
}

function readChoices(shape: Shape & { kind: 'choices' }, pointer: string, required: boolean, { texts }: Reading): unknown {
  const posted = texts.get(pointer)
  const chosen = (posted === undefined ? [] : [posted].flat()).filter((text) => text !== '')
  return chosen.length === 0 && !required ? undefined : chosen.map((text) => optionOf(shape.options, text))
}

const optionOf = (options: readonly unknown[], text: string) => options.find((option) => optionText(option) === text) ?? text

/** How one member of an `enum` is written in a form. */
export const optionText = (option: unknown): string => (typeof option === 'string' ? option : JSON.stringify(option))

function readScalar(shape: Shape, pointer: string, required: boolean, reading: Reading): unknown {
  const posted = reading.texts.get(pointer)
  const text = (Array.isArray(posted) ? posted.at(-1) : posted) as string | undefined
  if (text === undefined) return undefined
  if (shape.kind === 'text') return text === '' && !required ? undefined : text.replaceAll('\r\n', '\n')
  if (text.trim() === '') return undefined
  switch (shape.kind) {
    case 'number':
      return Number.isFinite(Number(text)) ? Number(text) : text
    case 'boolean':
      return text === 'true' || text === 'on' ? true : text === 'false' ? false : text
    case 'choice':
      return optionOf(shape.options, text)
    case 'map':
      return text.trim().startsWith('{') ? parsed(text, pointer, reading.details) : pairs(text, pointer, reading.details)
    default:
      return parsed(text, pointer, reading.details)
  }
}

/** `KEY=value` or `Key: value`, one per line. */
function pairs(text: string, pointer: string, details: FaultDetail[]): unknown {
  const entries: [string, string][] = []
  for (const line of text.split(/\r?\n/).filter((one) => one.trim() !== '')) {
    const found = /^\s*([^=:\s]+)\s*(?:=|:\s?)(.*)$/.exec(line)
    if (found?.[1] === undefined)
      details.push({ path: pointer, message: `expected KEY=value on every line, got "${line.slice(0, 40)}"` })
    else entries.push([found[1], (found[2] ?? '').trim()])
  }
  return Object.fromEntries(entries)
}

function parsed(text: string, pointer: string, details: FaultDetail[]): unknown {
  if (text.trim() === '') return undefined
  try {
    return JSON.parse(text)
  } catch (error) {
    details.push({ path: pointer, message: `is not valid JSON: ${(error as SyntaxError).message}` })
    return text
  }
}
