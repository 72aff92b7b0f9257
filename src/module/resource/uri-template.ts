interface Operator {
  /** What stands before the first value that is there. */
  readonly first: string
  readonly separator: string
  /** Values are led by their names; what then stands for an empty value. */
  readonly named: '' | '=' | undefined
  /** Reserved characters stay as they are. */
  readonly isReserved: boolean
}

/** RFC 6570, appendix A. */
const OPERATORS: Readonly<Record<string, Operator>> = {
  '': { first: '', separator: ',', named: undefined, isReserved: false },
  '+': { first: '', separator: ',', named: undefined, isReserved: true },
  '#': { first: '#', separator: ',', named: undefined, isReserved: true },
  '.': { first: '.', separator: '.', named: undefined, isReserved: false },
  '/': { first: '/', separator: '/', named: undefined, isReserved: false },
  ';': { first: ';', separator: ';', named: '', isReserved: false },
  '?': { first: '?', separator: '&', named: '=', isReserved: false },
  '&': { first: '&', separator: '&', named: '=', isReserved: false },
}

const EXPRESSION = /\{([+#./;?&]?)([^{}]*)\}/g
const RESERVED = /%[0-9a-f]{2}|[:/?#[\]@!$&'()*+,;=]/gi

/** The names of a URI template's variables, in their order, each once. */
export function templateVariables(template: string): readonly string[] {
  const names = [...template.matchAll(EXPRESSION)].flatMap(([, , list]) => variablesOf(list ?? '').map(({ name }) => name))
  return [...new Set(names)]
}

/** A URI template with values put in (RFC 6570, for values that are texts); variables without one are left out. */
export function expandTemplate(template: string, values: Readonly<Record<string, string>>): string {
  return template.replaceAll(EXPRESSION, (_, sign: string, list: string) => {
    const operator = OPERATORS[sign]!
    const parts = variablesOf(list).flatMap(({ name, length }) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined
      return value === undefined ? [] : [part(operator, name, length === undefined ? value : cut(value, length))]
    })
    return parts.length === 0 ? '' : operator.first + parts.join(operator.separator)
  })
}

function part({ named, isReserved }: Operator, name: string, value: string): string {
  const text = isReserved ? encodeReserved(value) : encode(value)
  if (named === undefined) return text
  return value === '' ? name + named : `${name}=${text}`
}

/** `{a,b:3,c*}`: for texts, `*` changes nothing. */
const variablesOf = (list: string): { readonly name: string; readonly length: number | undefined }[] =>
  list
    .split(',')
    .map((one) => /^([^:*]+)(?::(\d{1,4})|\*)?$/.exec(one.trim()))
    .flatMap((found) => (found?.[1] ? [{ name: found[1], length: found[2] === undefined ? undefined : Number(found[2]) }] : []))

const cut = (value: string, length: number): string => [...value].slice(0, length).join('')

/** A lone half of a character has no bytes to write. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replaceAll(/[!'()*]/g, (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`)

function encodeReserved(text: string): string {
  let encoded = ''
  let from = 0
  for (const { 0: kept, index } of text.matchAll(RESERVED)) {
    encoded += encode(text.slice(from, index)) + kept
    from = index + kept.length
  }
  return encoded + encode(text.slice(from))
}
