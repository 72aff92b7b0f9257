import { isIPv4 } from 'node:net'
import { z } from 'zod'
import { mcpLimits } from '../mcp/server/limits.ts'

/** The section `[http]` of `gatehouse.toml`. */
export const httpSettings = z.strictObject({
  /** Address to listen on. Anything but loopback needs `acknowledgeNoTls` or a `publicUrl` that begins with https. */
  host: z.string().min(1).default('127.0.0.1'),
  /** 0 takes any free port. */
  port: z.int().min(0).max(65_535).default(8085),
  /** Where clients reach the gateway from outside, e.g. `https://gate.example.com`, when a proxy stands before it. */
  publicUrl: z.url({ protocol: /^https?$/ }).optional(),
  /** Names besides loopback, `host` and `publicUrl` that a `Host` header may carry (DNS rebinding protection). */
  allowedHosts: z.array(z.string()).default([]),
  /** Web origins besides the gateway's own that browsers may call from, e.g. `https://chat.example.com`. */
  allowedOrigins: z.array(z.string()).default([]),
  /** Largest request body, in bytes. Default 4 MiB. */
  bodyLimitBytes: z.int().min(1_024).default(4_194_304),
  /** Say that traffic may cross a network unencrypted, because something else protects it (VPN, mesh, proxy). */
  acknowledgeNoTls: z.boolean().default(false),
  /** Addresses of proxies whose `X-Forwarded-For` is believed. */
  trustedProxies: z.array(z.string()).default([]),
  /** How long calls in flight may take to end when the gateway stops. Default 20 s. */
  drainMs: z.int().min(0).max(600_000).default(20_000),
  /** Who may scrape `/metrics`: holders of a token with `monitor.read` (default), everybody, or nobody. */
  metrics: z.enum(['token', 'open', 'off']).default('token'),
  /** Bounds of the MCP endpoint. */
  mcp: mcpLimits.prefault({}),
})

export type HttpSettings = z.output<typeof httpSettings>

const LOOPBACK = new Set(['127.0.0.1', '::1', 'localhost', '[::1]'])

/** Whether an address or name stays on this machine. */
export const isLoopback = (host: string): boolean => LOOPBACK.has(host) || (isIPv4(host) && host.startsWith('127.'))

/** Whether browsers reach the gateway over TLS, so that cookies may be marked `Secure`. */
export const isSecure = ({ publicUrl }: HttpSettings): boolean => publicUrl?.startsWith('https:') ?? false
