/** Headers that are the connection's, the gateway's or a browser's: no caller and no document sets them. */
const OURS: ReadonlySet<string> = new Set([
  'host',
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'content-length',
  'expect',
  'accept-encoding',
  'x-request-id',
  'traceparent',
  'origin',
  'referer',
  'forwarded',
  'via',
])

const OURS_TOO = /^(?:sec-|proxy-|x-forwarded-|cf-|access-control-)/

/** Whether a header is one that the gateway says for itself, or nobody. @param name in lower case */
export const isGatewayHeader = (name: string): boolean => OURS.has(name) || OURS_TOO.test(name)
