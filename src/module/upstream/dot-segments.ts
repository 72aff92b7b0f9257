/** Points and slashes may be written so as well, and servers may read them as such. */
const ENCODED = /%(2e|2f|5c)/gi
const DOT_SEGMENT = /(^|[/\\:])\.{1,2}([/\\?#]|$)/

/**
 * Whether a URI leads up or in a circle (`..`, `.`): rights are given by how URIs begin, and such a one begins elsewhere than it ends
 * (RFC 3986, section 5.2.4).
 */
export const hasDotSegments = (uri: string): boolean => DOT_SEGMENT.test(uri.replace(ENCODED, (code) => decodeURIComponent(code)))
