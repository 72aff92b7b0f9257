#!/usr/bin/env node
// Only this file must load on any Node, so it imports nothing before it knows the version.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
if (major < 22 || (major === 22 && minor < 22)) {
  process.stderr.write(
    `Gatehouse needs Node 22.22 or newer; this is ${process.versions.node}. In a checkout, run it by npm (npm start), which uses the Node that the project brings along.\n`,
  )
  process.exit(1)
}
const { run } = await import('./cli/program.ts')
await run(process.argv)

export {}
