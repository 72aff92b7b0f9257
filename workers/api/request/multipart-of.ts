import { createHash } from 'node:crypto'
import type { BodyPlan, FieldPlan } from '../../../queue/api.lane.ts'
import { bytesOf } from './bytes-of.ts'
import { PLAIN_DELIMITERS } from './delimiters.ts'
import { fieldPlan } from './field-plan.ts'
import type { Given } from './given.ts'
import { headerOf } from './header-of.ts'
import { deepPairs } from './query-of.ts'
import { isObject, itemsOf, textOf } from './text-of.ts'

interface Part {
  readonly head: string
  readonly content: Uint8Array
}

/** A multipart/form-data body (RFC 7578). @throws Fault `invalid` for a file that is not base64, and a header that cannot be one */
export function multipartOf(
  plan: BodyPlan,
  fields: readonly (readonly [string, unknown])[],
  headers: readonly Given[],
): { readonly content: Uint8Array; readonly contentType: string } {
  const parts = fields.flatMap(([name, value]) => {
    const further = headers.filter(({ plan: { part } }) => part === name).map((each) => `\r\n${headerOf(each).join(': ')}`)
    return partsOf(plan, name, value).map(({ head, content }) => ({ head: `${head}${further.join('')}`, content }))
  })
  const boundary = boundaryOf(parts)
  const chunks = parts.flatMap(({ head, content }) => [
    Buffer.from(`--${boundary}\r\n${head}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ])
  return {
    content: Buffer.concat([...chunks, Buffer.from(`--${boundary}--\r\n`)]),
    contentType: `multipart/form-data; boundary=${boundary}`,
  }
}

/** Made from what it parts, so nobody can write it into a part, and the same body is the same bytes. */
function boundaryOf(parts: readonly Part[]): string {
  const hash = createHash('sha256')
  for (const { head, content } of parts) hash.update(head).update(content)
  return `gatehouse-${hash.digest('hex').slice(0, 40)}`
}

/** A list is one part for each item (RFC 7578, 4.3), unless the document joins them. */
function partsOf(plan: BodyPlan, name: string, value: unknown): Part[] {
  const field = fieldPlan(plan, name, value)
  const isFile = field.isFile && !(field.takesText && typeof value === 'string')
  if (field.style === 'deepObject' && !isFile)
    return deepPairs(name, value, (key, each) => textPart({ ...field, name: key, contentType: null }, textOf(each)))
  if (Array.isArray(value) && field.style !== 'json') {
    if (field.explode || isFile) return itemsOf(value).flatMap((each) => partsOf(plan, name, each))
    return [
      textPart(
        field,
        itemsOf(value)
          .map(textOf)
          .join(PLAIN_DELIMITERS[field.style] ?? ','),
      ),
    ]
  }
  if (isFile) return [filePart(field, value, `${plan.argument}/${name}`)]
  const isJson = field.style === 'json' || isObject(value) || (field.contentType?.includes('json') ?? false)
  return [isJson ? textPart(field, JSON.stringify(value), 'application/json') : textPart(field, textOf(value))]
}

function textPart({ name, contentType }: FieldPlan, text: string, usual: string | null = null): Part {
  const type = contentType ?? usual
  const head = `content-disposition: form-data; name="${quoted(name)}"${type === null ? '' : `\r\ncontent-type: ${type}`}`
  return { head, content: Buffer.from(text) }
}

function filePart(field: FieldPlan, value: unknown, argument: string): Part {
  const { name, mimeType } = isObject(value) ? value : {}
  const fileName = typeof name === 'string' && name !== '' ? name : field.name
  const given = typeof mimeType === 'string' && /^[\w.+-]+\/[\w.+-]+(?:; ?[\w-]+=[\w.+-]+)*$/.test(mimeType) ? mimeType : null
  const contentType = given ?? field.contentType ?? 'application/octet-stream'
  return {
    head: `content-disposition: form-data; name="${quoted(field.name)}"; filename="${quoted(fileName)}"\r\ncontent-type: ${contentType}`,
    content: bytesOf(value, argument),
  }
}

/** As browsers write names of fields and files (HTML, 4.10.21.8). */
const quoted = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n|\r|\n/g, '%0D%0A')
    .replaceAll('"', '%22')
