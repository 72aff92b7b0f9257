import { Fault } from '../../contract/fault.ts'

/** What a kept result is as a file. */
export interface KeptFile {
  readonly mimeType: string
  readonly bytes: Buffer
}

type Block = Readonly<Record<string, unknown>>

interface Result {
  readonly content?: readonly Block[]
  readonly structuredContent?: unknown
}

/**
 * The file that a kept result stands for: the one picture, sound or file in it; else its structured content as JSON; else its texts. Pure.
 *
 * @param mediaType of the result, as `result_get` says it: `text/plain`, or `application/json` for a whole MCP result
 * @throws Fault `invalid` where there are several, and nobody could know which is meant
 */
export function keptFile(mediaType: string, text: string, path: string): KeptFile {
  if (mediaType !== 'application/json') return { mimeType: 'text/plain', bytes: Buffer.from(text) }
  const { content = [], structuredContent } = JSON.parse(text) as Result
  const [file, another] = content.flatMap(binaryOf)
  if (another !== undefined) {
    const message = 'The result holds several files, and only one can be sent here'
    throw new Fault('invalid', `${path}: ${message}.`, { details: [{ path, message }] })
  }
  if (file !== undefined) return file
  if (structuredContent !== undefined)
    return { mimeType: 'application/json', bytes: Buffer.from(JSON.stringify(structuredContent)) }
  const texts = content.flatMap((block) => (typeof block['text'] === 'string' ? [block['text']] : []))
  return { mimeType: 'text/plain', bytes: Buffer.from(texts.join('\n')) }
}

function binaryOf(block: Block): KeptFile[] {
  const resource = block['resource'] as Block | undefined
  const data = block['data'] ?? resource?.['blob']
  const mimeType = block['mimeType'] ?? resource?.['mimeType']
  if (typeof data !== 'string') return []
  return [{ mimeType: typeof mimeType === 'string' ? mimeType : 'application/octet-stream', bytes: Buffer.from(data, 'base64') }]
}
