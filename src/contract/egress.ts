import { z } from 'zod'

const port = z.int().min(1).max(65_535)

/** One host that may be more than hosts usually may. Naming it allows its addresses, wherever they lie. */
const AllowedHost = z.strictObject({
  /** A name, an address, or `*.example.org` for every name below one. */
  host: z
    .string()
    .min(1)
    .max(253)
    .regex(/^(?:\*\.)?[a-z0-9:._-]+$/i, 'a host name, an address, or *. before a name was expected')
    .toLowerCase(),
  /** Ports besides 443, and 80 where `http` is true; `any` for all. */
  ports: z.union([z.literal('any'), z.array(port)]).default([]),
  /** Plain HTTP too, which everybody on the way can read. */
  http: z.boolean().default(false),
})

/** The section `[egress]`: what of the world the gateway may reach. See `asset/docs/egress.md`. */
export const egressSettings = z.strictObject({
  /** Hosts that may be reached although they are private, or over other ports, or over plain HTTP. */
  allow: z.array(AllowedHost).default([]),
  /** Ports besides 443 that every host may be reached over. */
  ports: z.array(port).default([]),
  /** `any`: whoever may define an upstream decides where it lies; `guarded`: the rules above hold for upstreams as well. */
  upstreams: z.enum(['any', 'guarded']).default('any'),
})

/** What may be reached. */
export type EgressRules = z.output<typeof egressSettings>
