import { Command, InvalidArgumentError } from 'commander'
import { Refusal } from '../config/refusal.ts'
import { Fault } from '../contract/fault.ts'
import { isSupervised, REFUSED_CODE } from '../supervisor/parent.ts'
import { version } from './version.ts'
import { holdYoungGeneration, keepYoung } from './young-generation.ts'

/** Flags that every command takes. */
export interface CommonFlags {
  readonly config?: string
  readonly data?: string
}

/** Run one command. Commands are loaded when they are called, so that none pays for the others. */
export async function run(argv: readonly string[]): Promise<void> {
  // Stores and keys are nobody else's business.
  process.umask(0o077)
  holdYoungGeneration()
  keepYoung()
  try {
    await program().parseAsync([...argv])
  } catch (thrown) {
    if (!saysWhy(thrown)) throw thrown
    process.stderr.write(`gatehouse: ${thrown.message}\n`)
    process.exit(isSupervised() ? REFUSED_CODE : 1)
  }
}

/** Whether a message is all that an operator needs: ours, or the system's about a file (`EROFS: read-only file system, mkdir '…'`). */
const saysWhy = (thrown: unknown): thrown is Error =>
  thrown instanceof Refusal ||
  thrown instanceof Fault ||
  thrown instanceof TypeError ||
  (thrown instanceof Error && 'syscall' in thrown && 'path' in thrown)

function program(): Command {
  const root = new Command('gatehouse')
    .description('The governed door between AI agents and everything they touch.')
    .version(version)
  common(root.command('init'))
    .description('Make gatehouse.toml, the keys and the first administrator.')
    .option('--admin <name>', 'name of the administrator', 'admin')
    .action(async (flags) => (await import('./init.ts')).init(flags))
  listening(common(root.command('start')))
    .description('Start the gateway, front and workers, and keep them up until a signal.')
    .action(async (flags) => (await import('./start.ts')).start(flags))
  listening(common(root.command('front')))
    .description('Start the front alone; its workers are run elsewhere.')
    .action(async (flags) => (await import('./front.ts')).front(flags))
  common(root.command('worker'))
    .description('Run jobs for the front of a data folder; it may be started and stopped at any time.')
    .option('--lanes <name...>', 'lanes to serve (default: all)')
    .option('--name <name>', 'how the console calls it (default: worker-<process id>)')
    .option('--log-level <level>', 'debug, info, warn or error')
    .action(async (flags) => (await import('./worker.ts')).worker(flags))
  common(root.command('check'))
    .description('Judge configuration, keys and stores without starting.')
    .action(async (flags) => (await import('./check.ts')).check(flags))
  listening(common(root.command('quickstart')))
    .description('Start with sample upstreams, an administrator and an agent token, and make one governed call.')
    .option('--json', 'print exactly one JSON line on standard output once ready')
    .action(async (flags) => (await import('./quickstart.ts')).quickstart(flags))
  addUserCommands(root)
  addTokenCommands(root)
  common(root.command('audit').description('Work with the audit log.').command('verify'))
    .description('Walk the hash chains of all records and name the first broken link.')
    .action(async (flags) => (await import('./audit-verify.ts')).verify(flags))
  addRecoveryCommands(root)
  return root
}

function addUserCommands(root: Command): void {
  common(root.command('user').description('Work with users.').command('create'))
    .description('Create a user; prints the password once where none is given on standard input.')
    .argument('<name>')
    .option('--email <address>')
    .option('--role <name...>', 'built-in or custom roles', ['viewer'])
    .option('--password-stdin', 'read the password from standard input')
    .action(async (name, flags) => (await import('./user-create.ts')).createUserCommand(name, flags))
}

function addTokenCommands(root: Command): void {
  common(root.command('token').description('Work with tokens.').command('create'))
    .description('Create a token for a user and print it once.')
    .requiredOption('--user <name>', 'whose rights it may use at most')
    .option('--label <text>', 'what it is for', 'command line')
    .option('--scope <key...>', 'permission keys or globs, e.g. tool:github__*; without it the token may do all its owner may')
    .option('--expires <days>', 'days until it expires', wholeNumber)
    .option('--json', 'print JSON')
    .action(async (flags) => (await import('./token-create.ts')).createTokenCommand(flags))
}

function addRecoveryCommands(root: Command): void {
  const recovery = root.command('recovery').description('Keep, rotate and bring back the master key, and end all access.')
  common(recovery.command('split'))
    .description('Split the master key into shares for offline keeping, and print them once.')
    .requiredOption('--shares <n>', 'how many to make', wholeNumber)
    .requiredOption('--threshold <k>', 'how many bring the key back', wholeNumber)
    .action(async (flags) => (await import('./recovery-split.ts')).splitCommand(flags))
  common(recovery.command('restore'))
    .description('Bring the master key back from shares on standard input, one a line.')
    .action(async (flags) => (await import('./recovery-restore.ts')).restoreCommand(flags))
  common(recovery.command('rotate'))
    .description('Change the master key while the gateway runs; run again, it goes on where it was broken off.')
    .action(async (flags) => (await import('./recovery-rotate.ts')).rotateCommand(flags))
  common(recovery.command('emergency'))
    .description('Revoke every token, session and invitation, and list every secret to be renewed at its issuer.')
    .option('--yes', 'really do it')
    .action(async (flags) => (await import('./recovery-emergency.ts')).emergencyCommand(flags))
  common(recovery.command('rehearse'))
    .description('Prove on a copy of the data that shares bring everything back.')
    .option('--shares-stdin', 'prove the shares on standard input instead of fresh ones')
    .action(async (flags) => (await import('./recovery-rehearse.ts')).rehearseCommand(flags))
}

const common = (command: Command): Command =>
  command
    .option('--config <file>', 'configuration file (default: gatehouse.toml here)')
    .option('--data <dir>', 'folder of all stores')

const listening = (command: Command): Command =>
  command
    .option('--host <address>', 'address to listen on')
    .option('--port <number>', 'port to listen on; 0 takes a free one', wholeNumber)
    .option('--log-level <level>', 'debug, info, warn or error')

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('A whole number was expected.')
}
