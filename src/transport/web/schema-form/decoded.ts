/** Percent-decoded text (RFC 3986, 2.1); as it was, where it is not properly encoded. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
