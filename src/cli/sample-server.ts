/** Runs a program of a package until standard input closes: `sample-server.js <program> [arguments]`. */
import { pathToFileURL } from 'node:url'

process.stdin.resume().on('end', () => process.exit(0))
process.argv.splice(1, 1)
await import(pathToFileURL(process.argv[1]!).href)
