import type { Behaviours } from './backend.conformance.ts'

/** The behaviours in Python. */
export const pythonPrograms: Behaviours = {
  echoes: 'def main(input, context):\n    return input',
  throws: "def main(input, context):\n    raise ValueError('no such customer')",
  logs: "def main(input, context):\n    print('hello')\n    context.log.warn('careful')",
  chats: "def main(input, context):\n    for _ in range(20000):\n        context.log.info('x' * 100)",
  swells: "def main(input, context):\n    return 'x' * input['length']",
  babbles: 'def main(input, context):\n    return {1, 2}',
  loops: 'def main(input, context):\n    while True:\n        pass',
  grows: "def main(input, context):\n    kept = []\n    while True:\n        kept.append(bytearray(b'x' * 4000000))",
  remembers: [
    'import builtins',
    'def main(input, context):',
    "    left = getattr(builtins, 'left', None)",
    '    builtins.left = input',
    '    return left',
  ].join('\n'),
  calls: [
    'def main(input, context):',
    '    try:',
    "        return context.tools.call(input['tool'], input['args'])",
    '    except Exception as error:',
    "        return {'code': error.code}",
  ].join('\n'),
  dates: [
    'import random, time',
    'def main(input, context):',
    "    return {'now': time.time_ns() // 1000000, 'dice': random.random()}",
  ].join('\n'),
  broken: 'def main(input, context):\n    return (\n',
}

/** The behaviours in JavaScript for Node. */
export const nodePrograms: Behaviours = {
  echoes: 'export default (input) => input',
  throws: "export default () => {\n  throw new Error('no such customer')\n}",
  logs: "export default (input, { log }) => {\n  console.log('hello')\n  log.warn('careful')\n}",
  chats: "export default (input, { log }) => {\n  for (let at = 0; at < 20000; at += 1) log('x'.repeat(100))\n}",
  swells: "export default ({ length }) => 'x'.repeat(length)",
  babbles: 'export default () => 1n',
  loops: 'export default () => {\n  for (;;);\n}',
  grows: 'export default () => {\n  const kept = []\n  for (;;) kept.push(new Array(100000).fill({}))\n}',
  remembers: 'export default (input) => {\n  const left = globalThis.left ?? null\n  globalThis.left = input\n  return left\n}',
  calls: [
    'export default async ({ tool, args }, { tools }) => {',
    '  try {',
    '    return await tools.call(tool, args)',
    '  } catch ({ code }) {',
    '    return { code }',
    '  }',
    '}',
  ].join('\n'),
  dates: 'export default () => ({ now: Date.now(), dice: Math.random() })',
  broken: 'export default () => {\n  return 1 +* 2\n}',
}
