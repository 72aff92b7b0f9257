import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { Fault } from '../../contract/fault.ts'
import { childEnvironment } from '../../mcp/client/child-environment.ts'

const TIMEOUT_MS = 10_000
const MAX_OUTPUT_BYTES = 65_536
/** What password managers need besides what every child may see. */
const FOR_PASSWORD_MANAGERS = [
  'XDG_RUNTIME_DIR',
  'XDG_CONFIG_HOME',
  'DBUS_SESSION_BUS_ADDRESS',
  'GNUPGHOME',
  'PASSWORD_STORE_DIR',
]

/**
 * Run a program, without a shell, for the one line that it prints.
 *
 * @param timeoutMs default 10 s
 * @throws Fault `unavailable` naming the field, never with anything that was printed
 */
export async function runCommand(argv: readonly string[], field: string, timeoutMs = TIMEOUT_MS): Promise<string> {
  const [program = '', ...args] = argv
  const own = Object.fromEntries(FOR_PASSWORD_MANAGERS.flatMap((key) => (process.env[key] ? [[key, process.env[key]]] : [])))
  const options = { timeout: timeoutMs, env: childEnvironment(own), maxBuffer: MAX_OUTPUT_BYTES, killSignal: 'SIGKILL' } as const
  try {
    const { stdout } = await promisify(execFile)(program, args, options)
    const value = stdout.trim()
    if (value !== '' && !/[\r\n\0]/.test(value)) return value
  } catch (cause) {
    const { code, killed } = cause as { code?: number | string; killed?: boolean }
    const how = killed ? `took longer than ${timeoutMs / 1_000} s, or printed too much` : `failed (${code ?? 'killed'})`
    // Without the cause: it carries what the command printed.
    throw new Fault('unavailable', `The command of ${field} ${how}. Run ${JSON.stringify(program)} by hand to see why.`)
  }
  throw new Fault('unavailable', `The command of ${field} printed not exactly one line. Its output must be the value alone.`)
}
