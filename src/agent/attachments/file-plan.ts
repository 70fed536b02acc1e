import { estimateTokens } from '../../models/index.js';
import { shares } from '../history/clipping.js';
import type { Asked, FileLimits } from './shown-files.js';

/** Which files of one question are shown, by id. */
export interface QuestionPlan {
  /** Documents with their room, estimated tokens. */
  documents: Map<string, number>;
  images: Set<string>;
}

/** Images of earlier questions than these are not passed again. */
const QUESTIONS_WITH_IMAGES = 5;
/** A token is so many characters, at most. */
const TOKEN_CHARS = 4;

/**
 * Which files may be shown, the newest first, as far as they can have room. A file that was attached again is shown
 * with the newest question that has it.
 * @param questions of one conversation, oldest first. @returns plans in the same order, without room for documents.
 */
export function planFiles(questions: readonly Asked[], { tokens, image_bytes }: FileLimits): QuestionPlan[] {
  const seen = new Set<string>();
  let chars = tokens * TOKEN_CHARS;
  let bytes = image_bytes;
  const plans = [...questions].reverse().map(({ attachments = [] }, age): QuestionPlan => {
    const files = attachments.filter(({ file_id }) => !seen.has(file_id));
    const documents = chars > 0 ? files.filter(({ characters }) => characters !== undefined) : [];
    const images = files.filter((file) => {
      const fits = file.characters === undefined && age < QUESTIONS_WITH_IMAGES && file.bytes <= bytes;
      if (fits) bytes -= file.bytes;
      return fits;
    });
    for (const { file_id, characters = 0 } of files) {
      seen.add(file_id);
      chars -= characters;
    }
    return {
      documents: new Map(documents.map(({ file_id }) => [file_id, 0])),
      images: new Set(images.map(({ file_id }) => file_id)),
    };
  });
  return plans.reverse();
}

/** Gives documents their room: the newest question first, equally among the documents of one question. */
export function giveRoom(
  plans: readonly QuestionPlan[],
  texts: ReadonlyMap<string, string>,
  tokens: number,
): void {
  let room = tokens;
  for (const { documents } of [...plans].reverse()) {
    const ids = [...documents.keys()];
    const given = shares(
      ids.map((id) => estimateTokens(texts.get(id) ?? '')),
      room,
    );
    ids.forEach((id, place) => documents.set(id, given[place] ?? 0));
    room -= given.reduce((sum, part) => sum + part, 0);
  }
}

/** Characters of a document that have to be loaded, so that its room can be filled. */
export const charsWithin = ({ tokens }: FileLimits): number => tokens * TOKEN_CHARS;
