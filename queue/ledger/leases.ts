import type { Desk } from './desk.ts'
import type { Lease } from './ledger.ts'
import type { Running } from './standing.ts'

/** The leases that fit, as they stand; oldest jobs first. */
export const leasesOf = ({ standing }: Desk, fits: (job: Running) => boolean): readonly Lease[] =>
  standing.leases
    .values()
    .filter(fits)
    .sort((a, b) => a.id - b.id)
    .map(({ place: _, ...lease }) => lease)

/** Renew leases. @returns the ids that are not leased in this attempt any more */
export function renewLeases(
  desk: Desk,
  leases: readonly { readonly id: number; readonly attempt: number }[],
  until: number,
): number[] {
  const gone: number[] = []
  for (const { id, attempt } of leases) {
    const job = desk.standing.leases.get(id)
    if (job?.attempt === attempt) holdUntil(desk, job, until)
    else gone.push(id)
  }
  return gone
}

/** Every lease holds until then at least. */
export function takeOverLeases(desk: Desk, until: number): void {
  for (const job of desk.standing.leases.values()) if (job.leaseUntil < until) holdUntil(desk, job, until)
}

function holdUntil({ sql }: Desk, job: Running, until: number): void {
  sql.renew.run(until, job.id)
  job.leaseUntil = until
}
