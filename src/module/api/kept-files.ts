import type { OperationPlan } from '../../../queue/api.lane.ts'
import { Fault } from '../../contract/fault.ts'
import type { House } from '../../contract/house.ts'
import type { Visit } from '../../contract/visit.ts'
import { type KeptFile, keptFile } from './kept-file.ts'

type Arguments = Readonly<Record<string, unknown>>
type Node = Readonly<Record<string, unknown>>

/** What of a kept result is asked for at once, in bytes. */
const PAGE_BYTES = 524_288
/** What the lane takes as base64, in bytes. */
const MAX_BYTES = 10_000_000

/**
 * Arguments with every file that refers to a kept result (`{ ref }`) in base64. The result is read as its caller, through the door: with the
 * same rights and the same record as if they had read it themselves.
 *
 * @throws Fault `invalid` for a file that is not there in one way; what `result_get` refuses with
 */
export async function withKeptFiles(house: Pick<House, 'enter'>, plan: OperationPlan, visit: Visit): Promise<Arguments> {
  const args = visit.arguments as Arguments
  const { body } = plan
  const given = body?.kind === 'multipart' && Object.hasOwn(args, body.argument) ? args[body.argument] : undefined
  if (body === null || !isNode(given)) return args
  const fields = body.fields.filter(({ name, isFile }) => isFile && Object.hasOwn(given, name))
  const filled: [string, unknown][] = []
  for (const { name } of fields) filled.push([name, await filledIn(house, visit, given[name], `/${body.argument}/${name}`)])
  return { ...args, [body.argument]: { ...given, ...Object.fromEntries(filled) } }
}

async function filledIn(house: Pick<House, 'enter'>, visit: Visit, value: unknown, path: string): Promise<unknown> {
  if (Array.isArray(value)) {
    const files: unknown[] = []
    for (const [index, each] of value.entries()) files.push(await filledIn(house, visit, each, `${path}/${index}`))
    return files
  }
  if (!isNode(value)) return value
  const { ref, base64, ...rest } = value
  if ((ref === undefined) === (base64 === undefined)) throw notOne(path)
  if (ref === undefined) return value
  const { mimeType, bytes } = await read(house, visit, String(ref), path)
  return { mimeType, ...rest, base64: bytes.toString('base64') }
}

async function read(house: Pick<House, 'enter'>, visit: Visit, ref: string, path: string): Promise<KeptFile> {
  const { transport, requestId, sessionKey, signal, depth = 0, id: parentId } = visit
  const entry = { transport, requestId, sessionKey, signal, depth, parentId, isPart: true } as const
  const texts: string[] = []
  let mediaType = ''
  for (let offset: number | null = 0; offset !== null; ) {
    const answer = await house.enter(visit.caller, 'result_get', { ref, offset, limit: PAGE_BYTES }, entry)
    const page = (answer.kind === 'data' ? answer.data : {}) as unknown as Page
    if (page.totalBytes > MAX_BYTES) throw tooLarge(path, page.totalBytes)
    texts.push(page.text)
    mediaType = page.mediaType
    offset = page.nextOffset
  }
  return keptFile(mediaType, texts.join(''), path)
}

/** What of an answer of `result_get` counts here. */
interface Page {
  readonly mediaType: string
  readonly totalBytes: number
  readonly text: string
  readonly nextOffset: number | null
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && !Array.isArray(value)

function notOne(path: string): Fault {
  const message = 'A file is given either as base64 or as the ref of a kept result'
  return new Fault('invalid', `${path}: ${message}.`, { details: [{ path, message }] })
}

const tooLarge = (path: string, bytes: number): Fault =>
  new Fault('too_large', `${path}: the result that it refers to has ${bytes} bytes, and a file may have ${MAX_BYTES}.`)
