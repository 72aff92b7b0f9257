import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import { packageFolder } from '../package-folder.ts'

/** Only our own files, no inline script or style. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

const FILES = new Set(['/start.js', '/page.css', '/swagger-ui.css', '/swagger-ui-bundle.js'])

/**
 * `/api/docs`: the interactive page, its files, and the fault reference that problem documents point to.
 *
 * Needs no credentials; the documents that it shows do.
 */
export const docsRoutes: FastifyPluginAsync = async (api) => {
  const asset = join(packageFolder(), 'asset')
  const viewer = join(dirname(fileURLToPath(import.meta.resolve('@fastify/swagger-ui'))), 'static')
  const page = readFileSync(join(asset, 'api-docs/index.html'), 'utf8')
  const faults = readFileSync(join(asset, 'docs/faults.md'), 'utf8')

  await api.register(fastifyStatic, {
    root: [join(asset, 'api-docs'), viewer],
    prefix: '/docs/static/',
    index: false,
    cacheControl: false,
    // The only answers here that are the same for everybody and worth keeping; ETags make sure of them afterwards.
    setHeaders: (reply) => void reply.header('cache-control', 'public, max-age=3600'),
    decorateReply: false,
    allowedPath: (path) => FILES.has(path),
  })
  api.get('/docs', async (_request, reply) =>
    reply.type('text/html; charset=utf-8').header('content-security-policy', CONTENT_SECURITY_POLICY).send(page),
  )
  api.get('/docs/faults', async (_request, reply) => reply.type('text/markdown; charset=utf-8').send(faults))
}
