import { Fault, type FaultCode } from '../../contract/fault.ts'

/** Why a request got no answer, in a sentence with a way out. Names the origin, never the path or the query, which may hold a credential. */
export class SendFailure extends Error {
  override readonly name = 'SendFailure'
  readonly code: FaultCode
  /** Whether anything of the request may have reached the server. */
  readonly isSent: boolean
  /** Whether the next try would fail alike. */
  readonly isLasting: boolean

  constructor(code: FaultCode, message: string, isSent: boolean, options?: ErrorOptions & { readonly isLasting?: boolean }) {
    super(message, options)
    this.code = code
    this.isSent = isSent
    this.isLasting = options?.isLasting ?? LASTING_CODES.has(code)
  }
}

/** Of faults: a refusal stays one, and a time that is up does not come back. */
const LASTING_CODES: ReadonlySet<FaultCode> = new Set(['blocked', 'invalid', 'timeout'])

const CERTIFICATE = 'Have it use a certificate that this machine trusts, or add its authority with NODE_EXTRA_CA_CERTS.'

/** What the codes of Node, OpenSSL and undici mean to people; `%` stands for the origin. */
const SENTENCES: Readonly<Record<string, readonly [FaultCode, string]>> = {
  ENOTFOUND: ['upstream', 'There is no machine by the name of %. Check the address.'],
  EAI_AGAIN: ['unavailable', 'The name of % could not be looked up just now.'],
  ECONNREFUSED: ['upstream', 'Nothing listens at %.'],
  EHOSTUNREACH: ['upstream', 'There is no way to %.'],
  ENETUNREACH: ['upstream', 'There is no way to %.'],
  ETIMEDOUT: ['timeout', '% did not take the connection in time.'],
  UND_ERR_CONNECT_TIMEOUT: ['timeout', '% did not take the connection in time.'],
  DEPTH_ZERO_SELF_SIGNED_CERT: ['upstream', `% shows a certificate that it signed itself. ${CERTIFICATE}`],
  SELF_SIGNED_CERT_IN_CHAIN: ['upstream', `% shows a certificate of an authority that is not trusted. ${CERTIFICATE}`],
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: ['upstream', `% shows a certificate that cannot be verified. ${CERTIFICATE}`],
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: ['upstream', `% shows a certificate of an unknown authority. ${CERTIFICATE}`],
  CERT_HAS_EXPIRED: ['upstream', 'The certificate of % has expired. Whoever runs it has to renew it.'],
  CERT_NOT_YET_VALID: ['upstream', 'The certificate of % is not valid yet. Compare the clocks.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['upstream', 'The certificate of % is for another name. Use the name that it is for.'],
  EPROTO: ['upstream', '% does not speak TLS as we do; is it meant to be http://?'],
  ERR_SSL_WRONG_VERSION_NUMBER: ['upstream', '% does not speak TLS; is it meant to be http://?'],
  ERR_SSL_PACKET_LENGTH_TOO_LONG: ['upstream', '% does not speak TLS; is it meant to be http://?'],
  UND_ERR_HEADERS_OVERFLOW: ['upstream', '% answered with more headers than can be taken.'],
  UND_ERR_INVALID_ARG: [
    'invalid',
    'The request to % cannot be sent: its path or one of its headers holds what HTTP does not allow.',
  ],
}

/** What is so until a person changes it: names, certificates, a server that speaks something else. */
const LASTING = /CERT|^ENOTFOUND$|^EPROTO$|^ERR_(?:SSL|TLS)|^UNABLE_TO|^UND_ERR_(?:HEADERS_OVERFLOW|INVALID_ARG)$/

/** Put what a socket or undici says into words. */
export function sendFailure(cause: unknown, origin: string, isSent: boolean): SendFailure {
  if (cause instanceof SendFailure) return cause
  if (cause instanceof Fault) return new SendFailure(cause.code, cause.message, false, { cause })
  const code = codeOf(cause)
  const known = SENTENCES[code]
  if (known) return new SendFailure(known[0], known[1].replace('%', origin), isSent, { cause, isLasting: LASTING.test(code) })
  if ((cause as Error).name === 'HTTPParserError')
    return new SendFailure('upstream', `${origin} answered with what is not HTTP.`, isSent, { cause })
  const what = isSent ? 'broke the connection before its answer was whole' : 'could not be reached'
  return new SendFailure('upstream', `${origin} ${what} (${code}).`, isSent, { cause })
}

/** Where several addresses failed, the first that says why. */
function codeOf(cause: unknown): string {
  const { code, errors } = cause as { code?: unknown; errors?: readonly unknown[] }
  const within = errors?.map(codeOf).find((one) => one !== 'unknown reason')
  return within ?? (typeof code === 'string' ? code : 'unknown reason')
}
