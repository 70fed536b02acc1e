import { Ascending, type Beginning } from './ascending.js';
import { parseEventId, type StreamEvent } from '@reprise/protocol';
import { TransferError } from './errors.js';
import type { Line } from './lines.js';
import { fault } from './parse-line.js';
import type { AnswerRecord, ChatRecord, QuestionRecord, TransferRecord } from './records.js';

/** Checks the order of a file's lines and of each log: complete, from 0 to `end`, without gaps. */
export class Sequence {
  private chat: ChatRecord | undefined;
  private question: QuestionRecord | undefined;
  private answered = false;
  private nextSeq = 0;
  private logEnded = false;
  private called = false;
  private inFiles = false;
  private records = 0;
  private ended = false;

  /**
   * @param version of the file: 1 contains one chat, 2 everything.
   * @param order of the files before it and of this one.
   */
  constructor(
    private readonly version: 1 | 2,
    private readonly order: Ascending,
  ) {}

  /** @throws TransferError if the record is not allowed here. */
  take(line: Line, record: TransferRecord): void {
    if (this.ended) throw fault(line, 'the file continues after its end');
    if (record.kind === 'user' || record.kind === 'document' || record.kind === 'chat')
      this.begin(line, record);
    else if (record.kind === 'end') this.leaveLog(line);
    else if (!this.chat) throw fault(line, 'this must come after its chat');
    else if (record.kind === 'message') this.message(line, record.message);
    else if (record.kind === 'event') this.event(line, record.event);
    else if (record.kind === 'tool_call') this.toolCall(line, record.tool_call.message_id);
    else this.leaveLog(line);
    if (record.kind === 'workspace_file' || record.kind === 'file') this.inFiles = true;
    if (record.kind === 'end') this.end(line, record.records);
    this.records++;
  }

  /** @throws TransferError if the last line was not the end. */
  finish(): void {
    if (!this.ended) throw new TransferError('The file is truncated: its last line is missing.');
  }

  private begin(line: Line, record: Beginning): void {
    this.leaveLog(line);
    if (this.version === 1 && (record.kind !== 'chat' || this.chat !== undefined))
      throw fault(line, 'a version 1 file has one chat, in its second line');
    if (this.version === 2) this.order.take(line, record);
    if (record.kind !== 'chat') return;
    if (this.version === 2 && record.chat.tenant_id === undefined)
      throw fault(line, 'chat.tenant_id: missing');
    this.chat = record.chat;
    this.question = undefined;
    this.inFiles = false;
  }

  private message(line: Line, message: QuestionRecord | AnswerRecord): void {
    if (this.inFiles) throw fault(line, 'messages must come before files');
    if (message.chat_id !== this.chat?.chat_id) throw fault(line, 'the message belongs to another chat');
    if (message.role === 'assistant') {
      const fits = message.reply_to === this.question?.message_id && !this.answered && this.nextSeq === 0;
      if (!fits || this.called) throw fault(line, 'an answer must come after its question');
      this.answered = true;
      return;
    }
    this.leaveLog(line);
    if (this.version === 1 && message.run.open === true)
      throw fault(line, 'a version 1 file cannot contain an open run');
    this.question = message;
    this.answered = false;
    this.called = false;
    this.nextSeq = 0;
    this.logEnded = message.run.events_expired === true;
  }

  private event(line: Line, event: StreamEvent): void {
    const { message_id, chat_id } = this.question ?? {};
    if (event.message_id !== message_id || event.chat_id !== chat_id)
      throw fault(line, 'the event does not belong to the message before it');
    if (this.logEnded || this.called) throw fault(line, 'the log of this message has ended');
    const seq = parseEventId(event.id)?.seq;
    if (seq !== this.nextSeq) throw fault(line, `the event is not at the expected place ${this.nextSeq}`);
    this.nextSeq++;
    this.logEnded = event.type === 'end';
  }

  private toolCall(line: Line, messageId: string): void {
    const expired = this.question?.run.events_expired === true;
    const isWhole = this.logEnded || this.question?.run.open === true;
    if (messageId !== this.question?.message_id || !isWhole || expired || this.inFiles)
      throw fault(line, 'a tool call must come after the log of its message');
    this.called = true;
  }

  private leaveLog(line: Line): void {
    if (this.question && !this.logEnded && this.question.run.open !== true)
      throw fault(line, `the log of message ${this.question.message_id} has no end`);
  }

  private end(line: Line, records: number): void {
    if (records !== this.records)
      throw fault(line, `the file should have ${records} records, but has ${this.records}`);
    this.ended = true;
  }
}
