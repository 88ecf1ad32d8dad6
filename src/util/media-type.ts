/** The media type in a `Content-Type`, in lower case and without parameters (RFC 9110 §8.3.1); empty without one. */
export const mediaTypeIn = (contentType: string | null | undefined): string =>
  contentType?.split(';', 1)[0]?.trim().toLowerCase() ?? ''
