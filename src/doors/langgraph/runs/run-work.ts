import { Injectable } from '@nestjs/common';
import { AgentRegistry } from '../../../agent/index.js';
import { MessagesService } from '../../../messages/index.js';
import { RunsService } from '../../../runs/index.js';
import { StreamPlaces } from '../../../streams/index.js';

/** Messages, what can be done with their runs, the places of those who follow them, and who answers. */
@Injectable()
export class RunWork {
  constructor(
    readonly messages: MessagesService,
    readonly runs: RunsService,
    readonly places: StreamPlaces,
    readonly agents: AgentRegistry,
  ) {}
}
