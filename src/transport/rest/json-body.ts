import type { FastifyInstance } from 'fastify'

/**
 * Take JSON bodies and nothing else; an empty body is no input.
 *
 * Any other content type is refused with 415, which also keeps plain HTML forms of other sites out.
 */
export function takeJson(api: FastifyInstance): void {
  const parse = api.getDefaultJsonParser('error', 'error')
  api.removeAllContentTypeParsers()
  api.addContentTypeParser<string>(
    /^application\/(?:[\w.-]+\+)?json(?:$|[\s;])/i,
    { parseAs: 'string' },
    (request, text, done) => {
      if (text.trim() === '') done(null, undefined)
      else parse(request, text, done)
    },
  )
}
