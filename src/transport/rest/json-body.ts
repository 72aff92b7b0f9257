import type { FastifyInstance, FastifyRequest } from 'fastify'
import { requireShallow } from '../nesting.ts'

const JSON_TYPE = /^application\/(?:[\w.-]+\+)?json(?:$|[\s;])/i

/**
 * Take JSON bodies and nothing else; an empty body is no input.
 *
 * Any other content type is refused with 415, which also keeps plain HTML forms of other sites out.
 */
export function takeJson(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error')
  api.removeAllContentTypeParsers()
  api.addContentTypeParser(JSON_TYPE, { parseAs: 'string' }, async (request: FastifyRequest, text: string) => {
    if (text.trim() === '') return undefined
    requireShallow(text)
    return new Promise((resolve, reject) => {
      parse(request, text, (error, body) => (error ? reject(error) : resolve(body)))
    })
  })
}
