import Fastify from 'fastify'
import { Pool } from 'undici'

// What somebody writes in ten lines: a fixed token on the way in, another one on the way out, no rights, no schema, no record.
const [, , apiPort = '', token = ''] = process.argv
const pool = new Pool(`http://127.0.0.1:${apiPort}`, { connections: 64 })
const app = Fastify()
app.post<{ Body: { id: number } }>('/call', async (request, reply) => {
  if (request.headers.authorization !== `Bearer ${token}`) return reply.code(401).send()
  const headers = { authorization: `Bearer ${token}`, accept: 'application/json' }
  const { statusCode, body } = await pool.request({ method: 'GET', path: `/items/${request.body.id}`, headers })
  return reply.code(statusCode).send(await body.json())
})
const address = await app.listen({ host: '127.0.0.1', port: 0 })
process.stdout.write(`port ${new URL(address).port}\n`)
