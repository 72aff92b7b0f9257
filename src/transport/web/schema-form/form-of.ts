import type { FaultDetail } from '../../../contract/fault.ts'
import type { JsonSchema } from '../../../contract/tool.ts'
import { optionText } from './arguments-of.ts'
import { childPointer } from './pointer.ts'
import { isObject, type Shape, settle, shapeOf } from './shape.ts'

/** One choice of a field. */
interface FormOption {
  readonly value: string
  readonly label: string
  readonly selected: boolean
}

/** One input of a form, ready for the partial `views/field/<kind>.hbs`. All texts are plain. */
export interface FormField {
  readonly kind: Shape['kind']
  /** The name it is posted under: a JSON pointer. */
  readonly name: string
  /** For `id`, `for` and `aria-describedby`. */
  readonly id: string
  readonly label: string
  readonly description: string | undefined
  readonly required: boolean
  readonly error: string | undefined
  /** What the input shows; empty for nothing. */
  readonly text: string
  /** What applies when it is left blank. */
  readonly placeholder: string | undefined
  readonly type: string
  readonly limits: Readonly<Record<string, number | string>>
  readonly secret: boolean
  readonly long: boolean
  readonly checked: boolean
  /** A boolean that may stay unsaid gets three choices instead of a checkbox. */
  readonly options: readonly FormOption[]
  /** Properties of an object, rows of a list. */
  readonly fields: readonly FormField[]
  /** The pointer of the row's own list and its number, for the button that removes it. */
  readonly removable: boolean
}

/** A whole form. */
export interface Form {
  readonly fields: readonly FormField[]
  /** Everything as one JSON text, for whoever prefers that, and where the schema has no fields. */
  readonly json: string
  /** There is nothing but the JSON text. */
  readonly jsonOnly: boolean
  /** What is wrong and belongs to no field that is shown. */
  readonly errors: readonly FaultDetail[]
}

/** More fields than this and the form asks for JSON instead. */
const MAX_FIELDS = 300

const INPUT_TYPES: Readonly<Record<string, string>> = { date: 'date', email: 'email' }

interface Drawing {
  readonly words: boolean
  readonly root: JsonSchema
  readonly errors: ReadonlyMap<string, string>
  readonly shown: Set<string>
}

/** How a form is drawn. */
export interface FormOptions {
  /** What was wrong with the value, shown at its fields. */
  readonly details?: readonly FaultDetail[] | undefined
  /** `words` writes `validHours` as "Valid hours"; default `names`, exactly as the schema has them. */
  readonly labels?: 'names' | 'words'
}

/**
 * What a form for a JSON Schema looks like: pure, and made of plain text only, because schemas come from outside.
 *
 * @param value arguments to show, complete or not; what was typed and does not fit is shown as typed
 */
export function formOf(schema: JsonSchema, value: unknown = {}, options: FormOptions = {}): Form {
  const { details = [], labels = 'names' } = options
  const errors = new Map<string, string>()
  for (const { path, message } of details) errors.set(path, errors.has(path) ? `${errors.get(path)}; ${message}` : message)
  const drawing: Drawing = { root: schema, errors, shown: new Set(), words: labels === 'words' }
  const whole = fieldOf({ schema, pointer: '', name: '', required: true, value, depth: 0, removable: false }, drawing)
  const jsonOnly = whole.kind !== 'object' || drawing.shown.size > MAX_FIELDS
  return {
    fields: jsonOnly ? [] : whole.fields,
    json: jsonOf(value, schema),
    jsonOnly,
    errors: details.filter(({ path }) => jsonOnly || path === '' || !drawing.shown.has(path)),
  }
}

/** All arguments as text; what is typed unseen is not shown here either. */
function jsonOf(value: unknown, { properties }: JsonSchema): string {
  const isSecret = (name: string, one: unknown): boolean => {
    const shape = shapeOf(one, { properties }, 0, name)
    return shape.kind === 'text' && shape.secret
  }
  const named = isObject(properties) ? Object.entries(properties) : []
  const secret = named.filter(([name, one]) => isObject(one) && isSecret(name, one)).map(([name]) => name)
  if (typeof value === 'string') return secret.length > 0 ? '' : value
  const shown = (key: string, field: unknown): unknown => (secret.includes(key) && typeof field === 'string' ? '' : field)
  return JSON.stringify(secret.length > 0 && isObject(value) ? mapFields(value, shown) : (value ?? {}), null, 2)
}

const mapFields = (value: object, shown: (key: string, field: unknown) => unknown): object =>
  Object.fromEntries(Object.entries(value).map(([key, field]) => [key, shown(key, field)]))

interface Spot {
  readonly schema: unknown
  readonly pointer: string
  readonly name: string
  readonly required: boolean
  readonly value: unknown
  readonly depth: number
  readonly removable: boolean
}

function fieldOf(spot: Spot, drawing: Drawing): FormField {
  const schema = settle(spot.schema, drawing.root)
  const typedAsText = typeof spot.value === 'string'
  const natural = shapeOf(spot.schema, drawing.root, spot.depth, spot.name)
  // A list or object for which text was typed can only be shown as that text.
  const shape: Shape = typedAsText && (natural.kind === 'list' || natural.kind === 'object') ? { kind: 'json' } : natural
  const value = spot.value === undefined && spot.required ? schema['default'] : spot.value
  drawing.shown.add(spot.pointer)
  return {
    ...describe(schema, spot, drawing),
    ...inputOf(shape, schema, value),
    kind: shape.kind,
    options: optionsOf(shape, spot, value, schema),
    fields: drawing.shown.size > MAX_FIELDS ? [] : childrenOf(shape, spot, value, drawing),
  }
}

function describe(schema: JsonSchema, spot: Spot, { errors, words }: Drawing) {
  return {
    name: spot.pointer,
    id: `f${spot.pointer.replaceAll(/[^A-Za-z0-9]/g, (letter) => `-${letter.codePointAt(0)?.toString(36)}`)}`,
    label:
      typeof schema['title'] === 'string' && schema['title'] !== '' ? schema['title'] : words ? inWords(spot.name) : spot.name,
    description: typeof schema['description'] === 'string' ? schema['description'] : undefined,
    required: spot.required,
    error: errors.get(spot.pointer),
    removable: spot.removable,
  }
}

/** `validHours` and `valid_hours` as "Valid hours". */
function inWords(name: string): string {
  const words = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase()
    .replace(/ (ms|bytes)$/, ' ($1)')
    .replace(/\burl\b/, 'URL')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

function inputOf(shape: Shape, schema: JsonSchema, value: unknown) {
  const secret = shape.kind === 'text' && shape.secret
  const format = typeof schema['format'] === 'string' ? schema['format'] : ''
  return {
    text: secret ? '' : textOf(shape, value),
    placeholder: placeholderOf(schema, format),
    type: secret ? 'password' : shape.kind === 'number' ? 'number' : (INPUT_TYPES[format] ?? 'text'),
    limits: limitsOf(shape, schema),
    secret,
    long: shape.kind === 'text' && (shape.long || (typeof value === 'string' && value.includes('\n'))),
    checked: value === true,
  }
}

function placeholderOf(schema: JsonSchema, format: string): string | undefined {
  if (schema['default'] !== undefined && schema['default'] !== null && schema['default'] !== '')
    return `default: ${short(schema['default'])}`
  const examples = schema['examples']
  if (Array.isArray(examples) && examples.length > 0) return `e.g. ${short(examples[0])}`
  return INPUT_TYPES[format] === undefined && format !== 'password' && format !== '' ? format : undefined
}

const short = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value)).slice(0, 60)

function textOf(shape: Shape, value: unknown): string {
  if (value === undefined || value === null) return ''
  if (typeof value === 'string') return value
  if (shape.kind === 'map' && isObject(value))
    return Object.entries(value)
      .map(([key, one]) => `${key}=${String(one)}`)
      .join('\n')
  return JSON.stringify(value, null, shape.kind === 'json' ? 2 : 0)
}

const LIMITS = { minLength: 'minlength', maxLength: 'maxlength', minimum: 'min', maximum: 'max' } as const

function limitsOf(shape: Shape, schema: JsonSchema): Readonly<Record<string, number | string>> {
  const limits: Record<string, number | string> = shape.kind === 'number' ? { step: shape.integer ? 1 : 'any' } : {}
  for (const [keyword, attribute] of Object.entries(LIMITS)) {
    const limit = schema[keyword]
    // zod writes ±(2^53 − 1) for every integer; that helps nobody in an input.
    if (typeof limit === 'number' && Math.abs(limit) < Number.MAX_SAFE_INTEGER) limits[attribute] = limit
  }
  return limits
}

function optionsOf(shape: Shape, { required }: Spot, value: unknown, schema: JsonSchema): readonly FormOption[] {
  if (shape.kind === 'choices') return shape.options.map((one) => option(one, Array.isArray(value) && value.includes(one)))
  if (shape.kind === 'choice')
    return [
      ...(required && value !== undefined ? [] : [blank(schema)]),
      ...shape.options.map((one) => option(one, one === value)),
    ]
  if (shape.kind === 'boolean' && !required)
    return [blank(schema), option(true, value === true, 'yes'), option(false, value === false, 'no')]
  return []
}

const blank = (schema: JsonSchema): FormOption => ({
  value: '',
  label:
    schema['default'] === undefined
      ? '—'
      : `default: ${schema['default'] === true ? 'yes' : schema['default'] === false ? 'no' : short(schema['default'])}`,
  selected: false,
})

const option = (value: unknown, selected: boolean, label = optionText(value)): FormOption => ({
  value: optionText(value),
  label,
  selected,
})

function childrenOf(shape: Shape, spot: Spot, value: unknown, drawing: Drawing): readonly FormField[] {
  const { pointer, depth } = spot
  if (shape.kind === 'object') {
    return shape.properties.map((one) => {
      const inner = isObject(value) && Object.hasOwn(value, one.name) ? value[one.name] : undefined
      return fieldOf(
        { ...one, pointer: childPointer(pointer, one.name), value: inner, depth: depth + 1, removable: false },
        drawing,
      )
    })
  }
  if (shape.kind !== 'list') return []
  // A list that must be there begins with a row to fill in.
  const rows: readonly unknown[] = Array.isArray(value) ? value : spot.required ? [undefined] : []
  return rows.map((row, at) =>
    fieldOf(
      {
        schema: shape.item,
        pointer: childPointer(pointer, at),
        name: String(at + 1),
        required: false,
        value: row,
        depth: depth + 1,
        removable: true,
      },
      drawing,
    ),
  )
}
