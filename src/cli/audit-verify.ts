import { Refusal } from '../config/refusal.ts'
import { type StoreReport, verifyAudit } from '../module/audit/verify-audit.ts'
import { configure } from './configure.ts'
import { openKeys } from './open-keys.ts'
import type { CommonFlags } from './program.ts'

/**
 * `gatehouse audit verify`: walk the chains of all records; may run beside the gateway.
 *
 * @throws Refusal when anything was edited, removed or inserted, or when there is nothing to verify
 */
export async function verify(flags: CommonFlags): Promise<void> {
  const config = configure(flags)
  const report = await verifyAudit(config.dataDir, openKeys(config))
  if (report.stores.length === 0)
    throw new Refusal(`${config.dataDir} holds no records. Name the data folder of a gateway with --data.`)
  process.stdout.write(report.stores.map(describe).join(''))
  if (!report.ok) throw new Refusal('The records are not as they were written. See asset/docs/audit.md for what to do.')
}

function describe({ store, ok, links, purged, waiting, head, broken, gaps }: StoreReport): string {
  const more = [
    ...(purged > 0 ? [`${purged} purged by retention`] : []),
    ...(waiting > 0 ? [`${waiting} of a killed process wait for the next start`] : []),
  ]
  const lines = [
    `${store}: ${ok ? 'good' : 'BROKEN'}, ${links} links${more.map((one) => `, ${one}`).join('')}`,
    `  head ${head.seq}:${head.mac.toString('base64url')}`,
    ...[...gaps, ...(broken ? [broken] : [])].map(
      ({ seq, id, reason }) =>
        `  ${[...(seq === undefined ? [] : [`link ${seq}`]), ...(id === undefined ? [] : [`id ${id}`])].join(', ') || 'all'}: ${reason}`,
    ),
  ]
  return `${lines.join('\n')}\n`
}
