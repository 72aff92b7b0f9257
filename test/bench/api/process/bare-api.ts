import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

// The API itself, as quick as Node serves HTTP: it answers with one item of about 300 bytes to whoever holds the token.
const [, , token = ''] = process.argv
const server = createServer((request, reply) => {
  if (request.headers.authorization !== `Bearer ${token}`) {
    reply.writeHead(401).end()
    return
  }
  const id = Number(request.url?.split('/').at(-1))
  const body = JSON.stringify({
    id,
    name: `item ${id}`,
    tags: ['a', 'b', 'c'],
    note: 'x'.repeat(200),
    price: { amount: 12.5, currency: 'EUR' },
  })
  reply.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }).end(body)
})
server.listen(0, '127.0.0.1', () => process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`))
