import { RepriseError } from '@reprise/client';

/** What went wrong, in words for a person. */
export function messageOf(error: unknown): string {
  if (error instanceof RepriseError) {
    const fields = error.errors.map(({ field, message }) => `${field} ${message}`).join('; ');
    return fields === '' ? error.message : `${error.message} (${fields})`;
  }
  return error instanceof Error ? error.message : String(error);
}
