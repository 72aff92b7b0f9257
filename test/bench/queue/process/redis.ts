import { spawn } from 'node:child_process'

// A Redis for the bench: node redis.ts <port> <folder>. Its options are those of a queue that must not lose jobs.
const [port = '0', dir = '.'] = process.argv.slice(2)
const redis = spawn(
  'redis-server',
  ['--port', port, '--bind', '127.0.0.1', '--dir', dir, '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', ''],
  {
    stdio: 'inherit',
  },
)
redis.on('error', (error) => {
  console.log(`no redis: ${error.message}`)
  process.exit(0)
})
redis.on('exit', (code) => process.exit(code ?? 1))
