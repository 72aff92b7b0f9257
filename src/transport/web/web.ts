import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import cookie from '@fastify/cookie'
import formbody from '@fastify/formbody'
import statics from '@fastify/static'
import type { FastifyPluginAsync } from 'fastify'
import type { Front } from '../front.ts'
import { packageFolder } from '../package-folder.ts'
import { callRoutes } from './call-routes.ts'
import type { Console } from './console.ts'
import { eventRoutes } from './event-routes.ts'
import { showFault, showMissing } from './fault-page.ts'
import { createNotes } from './notes.ts'
import { pageRoutes } from './page-routes.ts'
import { securityHeaders } from './security-headers.ts'
import { signInRoutes } from './sign-in-routes.ts'
import { createStreams } from './streams.ts'
import { createSubmissions } from './submissions.ts'
import { openViews } from './views.ts'

const require = createRequire(import.meta.url)

/** Browsers ask again after this time whether a file changed, in ms. */
const STATIC_MAX_AGE_MS = 300_000

/** The web console: the pages that modules declare, and a page for every tool and operation. */
export function web(front: Front): FastifyPluginAsync {
  return async (app) => {
    const folder = packageFolder()
    const views = openViews(join(folder, 'views'))
    const console: Console = {
      front,
      render: views.render,
      notes: createNotes(),
      submissions: createSubmissions(),
      streams: createStreams(),
    }
    const secure = securityHeaders(front)
    app.addHook('onRequest', async (_request, reply) => secure(reply))
    app.setErrorHandler((thrown, request, reply) => showFault(console, thrown, request, reply))
    app.setNotFoundHandler((request, reply) => showMissing(console, request, reply))
    await app.register(cookie)
    await app.register(formbody)
    await app.register(statics, {
      root: join(folder, 'asset/static'),
      prefix: '/static/',
      maxAge: STATIC_MAX_AGE_MS,
      decorateReply: false,
    })
    await app.register(statics, {
      root: dirname(require.resolve('uplot')),
      prefix: '/static/vendor/uplot/',
      maxAge: STATIC_MAX_AGE_MS,
      decorateReply: false,
    })
    await app.register(signInRoutes(console))
    await app.register(eventRoutes(console))
    await app.register(callRoutes(console))
    await app.register(pageRoutes(console))
  }
}
