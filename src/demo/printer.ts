import type { StreamEvent } from '@reprise/protocol';
import { styleText } from 'node:util';

type Style = Parameters<typeof styleText>[0];

const MARKS = { pending: '○', in_progress: '◐', completed: '●' } as const;

/** Prints events for a person to read. */
export class Printer {
  private inText = false;

  constructor(private readonly out: NodeJS.WritableStream & { isTTY?: boolean }) {}

  event(event: StreamEvent): void {
    if (event.type === 'content') {
      this.text(event.md);
      return;
    }
    for (const [style, line] of describe(event)) this.line(this.styled(style, line));
  }

  /** A remark by the demo itself. */
  note(text: string): void {
    this.line(this.styled('cyan', `── ${text}`));
  }

  /** A heading and a block of text. */
  block(heading: string, text: string): void {
    this.line('');
    this.line(this.styled('bold', heading));
    this.line(text);
  }

  private text(md: string): void {
    if (!this.inText) this.out.write('\n');
    this.inText = true;
    this.out.write(md);
  }

  private line(text: string): void {
    if (this.inText) this.out.write('\n\n');
    this.inText = false;
    this.out.write(`${text}\n`);
  }

  private styled(style: Style, text: string): string {
    return this.out.isTTY ? styleText(style, text) : text;
  }
}

function describe(event: Exclude<StreamEvent, { type: 'content' }>): [Style, string][] {
  switch (event.type) {
    case 'start':
      return [['bold', `▶ ${event.agent} starts`]];
    case 'plan':
      return event.items.map((item) => ['blue', `  ${MARKS[item.status]} ${item.text}`]);
    case 'rationale':
      return [['dim', `  … ${event.text}`]];
    case 'status':
      return [['dim', `  ${event.text}`]];
    case 'tool_start':
      return [['yellow', `  → ${event.name}(${event.args_summary})`]];
    case 'tool_end':
      return [[event.status === 'ok' ? 'green' : 'red', `  ← ${event.result_summary} (${event.ms} ms)`]];
    case 'approval_required':
      return [['magenta', `  ? ${event.name}(${event.args_summary}) is waiting for approval`]];
    case 'approval_resolved':
      return [['magenta', `  ! ${event.decision}`]];
    case 'child_content':
      return [['dim', `  ${event.md}`]];
    case 'error':
      return [['red', `✗ ${event.error}`]];
    case 'end': {
      const { total_tokens } = event.usage;
      return [
        [
          'bold',
          `■ ${event.status} after ${event.ms_total} ms, ${event.tool_calls} tool calls, ${total_tokens} tokens, model ${event.model}`,
        ],
      ];
    }
  }
}
