import type { StoredFile } from './file.schema.js';

/** A file as a message that it is attached to knows it. */
export interface Attachment {
  file_id: string;
  name: string;
  media_type: string;
  bytes: number;
  /** UTF-16 code units of its text; missing: it is an image. */
  characters?: number;
}

export function toAttachment({ _id, name, media_type, bytes, characters }: StoredFile): Attachment {
  const file = { file_id: _id.toHexString(), name, media_type, bytes };
  return characters === undefined ? file : { ...file, characters };
}
