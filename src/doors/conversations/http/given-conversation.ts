import type { TalkStreamDto, TurnDto } from './message.dto.js';

/** A conversation as a request gives it. */
export interface GivenConversation {
  question: string;
  /** What the model is told besides; the conversation before the question is part of it. */
  instructions: string | undefined;
}

const EARLIER = 'What was said before, as the client of this conversation remembers it:';

/** @returns nothing if the last message is not a question. */
export function givenConversation({
  message,
  messages,
  system_prompt,
}: TalkStreamDto): GivenConversation | undefined {
  const turns: TurnDto[] = [
    ...(messages ?? []),
    ...(message === undefined ? [] : [{ role: 'user' as const, content: message }]),
  ];
  const question = turns.pop();
  if (question?.role !== 'user') return undefined;
  const told = turns.filter(({ role }) => role === 'system').map(({ content }) => content);
  const said = turns.filter(({ role }) => role !== 'system').map(shown);
  const parts = [
    ...(typeof system_prompt === 'string' ? [system_prompt] : []),
    ...told,
    ...(said.length > 0 ? [[EARLIER, ...said].join('\n\n')] : []),
  ];
  return { question: question.content, instructions: parts.length > 0 ? parts.join('\n\n') : undefined };
}

/** Nothing that was said can be taken for the beginning of another message. */
const shown = ({ role, content }: TurnDto): string => `${role}: ${JSON.stringify(content)}`;
