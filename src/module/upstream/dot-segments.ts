/** Points and slashes may be written so as well, and servers may read them as such. */
const ENCODED = /%(2e|2f|5c)/gi
const DOT_SEGMENT = /(^|[/\\:])\.{1,2}([/\\?#]|$)/
/** What whoever reads a URL passes over, wherever it stands (WHATWG URL, 4.4): `.<tab>.` is `..` to a server, and is not to a pattern. */
const PASSED_OVER = /[\t\n\r]/g
/** The same of its end. */
const PASSED_OVER_AT_END = /[\0-\x20]+$/

/**
 * Whether a URI leads up or in a circle (`..`, `.`): rights are given by how URIs begin, and such a one begins elsewhere than it ends
 * (RFC 3986, section 5.2.4).
 */
export const hasDotSegments = (uri: string): boolean =>
  DOT_SEGMENT.test(
    uri
      .replace(PASSED_OVER_AT_END, '')
      .replace(PASSED_OVER, '')
      .replace(ENCODED, (code) => decodeURIComponent(code)),
  )
