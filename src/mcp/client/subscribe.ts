import { ClientError } from './client-error.ts'
import type { Connection, Subscription, SubscriptionFilter } from './connection.ts'
import { isFields } from './introduction-of.ts'
import type { Deadline, TimerWheel } from './timer-wheel.ts'

interface SubscribeParts {
  readonly request: Connection['request']
  readonly wheel: TimerWheel
  /** How long the server may take to acknowledge. */
  readonly timeoutMs: number
}

const ACKNOWLEDGED = 'notifications/subscriptions/acknowledged'

/**
 * Ask for a stream of notifications (MCP 2026-07-28, `subscriptions/listen`).
 *
 * @throws RpcError, ClientError when the server does not acknowledge it
 */
export async function subscribe(
  { request, wheel, timeoutMs }: SubscribeParts,
  filter: SubscriptionFilter,
  hear: (method: string, params: unknown) => void,
): Promise<Subscription> {
  const acknowledged = Promise.withResolvers<SubscriptionFilter>()
  const stop = new AbortController()
  const asked = request(
    'subscriptions/listen',
    { notifications: filter },
    {
      idleTimeoutMs: Number.POSITIVE_INFINITY,
      signal: stop.signal,
      onNotification(method, params) {
        if (method === ACKNOWLEDGED) acknowledged.resolve(honoured(params))
        else hear(method, params)
      },
    },
  )
  const ended = asked.then(
    () => undefined,
    (thrown: Error) => (stop.signal.aborted ? undefined : thrown),
  )
  ended.then((error) =>
    acknowledged.reject(error ?? new ClientError('broken', 'The server ended a subscription before it had begun.')),
  )
  const expiry: Deadline = {
    dueAtMs: wheel.nowMs() + timeoutMs,
    expire() {
      acknowledged.reject(new ClientError('timeout', `The server did not acknowledge a subscription within ${timeoutMs} ms.`))
      stop.abort()
    },
  }
  wheel.add(expiry)
  try {
    return { honoured: await acknowledged.promise, ended, close: () => stop.abort() }
  } finally {
    wheel.remove(expiry)
  }
}

function honoured(params: unknown): SubscriptionFilter {
  const filter = isFields(params) ? params['notifications'] : undefined
  if (!isFields(filter)) return {}
  const { resourceSubscriptions, taskIds, ...rest } = filter
  return { ...rest, ...texts({ resourceSubscriptions, taskIds }) }
}

/** Only the lists of texts of what should be such. */
function texts(lists: Readonly<Record<string, unknown>>): Readonly<Record<string, readonly string[]>> {
  const good = Object.entries(lists).flatMap(([name, list]) => (Array.isArray(list) ? [[name, list.filter(isText)]] : []))
  return Object.fromEntries(good)
}

const isText = (value: unknown): value is string => typeof value === 'string'
