/** Keys that verify what this gateway signs, each as RFC 7517, section 4 writes it, without a private half. */
export type PublicKeys = () => Promise<readonly Readonly<Record<string, string>>[]>
