import { Fault } from '../contract/fault.ts'

/** Something that a text refers to instead of holding it. */
export type Reference =
  | { readonly kind: 'secret'; readonly name: string }
  | { readonly kind: 'env'; readonly name: string }
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 'command'; readonly argv: readonly string[] }

/** A text in parts: what stands there as it is, and what it refers to. */
export type TextPart = string | Reference

/** What a secret may be called. */
export const SECRET_NAME = /^[a-z0-9][a-z0-9_.-]{0,63}$/

const KIND = '(secret|env|file|command)'
const WHOLE = new RegExp(`^${KIND}:([\\s\\S]*)$`)
const WITHIN = new RegExp(`\\$\\{${KIND}:([^}]*)\\}`, 'gi')
const LITERAL = 'literal:'

/** Whether a text refers to anything. @throws Fault `invalid` for what begins like a reference and is none */
export const hasReference = (text: string): boolean => parseText(text).some((part) => typeof part !== 'string')

/**
 * Read a text of the configuration.
 *
 * @throws Fault `invalid` for what begins like a reference and is none
 */
export function parseText(text: string): readonly TextPart[] {
  if (text.startsWith(LITERAL)) return [text.slice(LITERAL.length)]
  const whole = wholeReference(text)
  if (whole) return [whole]
  const parts: TextPart[] = []
  let end = 0
  for (const found of text.matchAll(WITHIN)) {
    const reference = read(found[1]!.toLowerCase(), found[2]!)
    if (!reference) throw unreadable(found[1]!.toLowerCase())
    parts.push(text.slice(end, found.index), reference)
    end = found.index + found[0].length
  }
  return [...parts, text.slice(end)].filter((part) => part !== '')
}

/** An address such as `file:./data.db` is a value like any other; what can only be meant as a reference must be one. */
function wholeReference(text: string): Reference | undefined {
  const [, kind = '', rest = ''] = WHOLE.exec(text) ?? []
  if (kind === 'env' && !/^[A-Za-z_]\w*$/.test(rest)) return undefined
  if (kind === 'file' && !/^\/[^/]/.test(rest)) return undefined
  const reference = read(kind, rest)
  if (!reference && (kind === 'secret' || kind === 'command')) throw unreadable(kind)
  return reference
}

function read(kind: string, rest: string): Reference | undefined {
  if (rest === '' || rest.includes('\0')) return undefined
  if (kind === 'secret') return SECRET_NAME.test(rest) ? { kind, name: rest } : undefined
  if (kind === 'env') return { kind, name: rest }
  if (kind === 'file') return { kind, path: rest }
  if (kind === 'command') return readCommand(rest)
  return undefined
}

function readCommand(rest: string): Reference | undefined {
  try {
    const argv: unknown = JSON.parse(rest)
    const isArgv = Array.isArray(argv) && argv.length > 0 && argv.every((one) => typeof one === 'string' && one !== '')
    return isArgv ? { kind: 'command', argv } : undefined
  } catch {
    return undefined
  }
}

/** Without the text itself, which may be a secret that only looks like a reference. */
const unreadable = (kind: string): Fault =>
  new Fault(
    'invalid',
    `A value begins with ${kind}: and cannot be read as a reference. Write secret:<name>, env:NAME, file:/path or command:["program","argument"], or literal: before a value that only looks like one.`,
  )
