import { Global, Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/index.js';
import { AgentHttpModule } from './agent/http/index.js';
import { AuthModule } from './auth/index.js';
import { ChatsHttpModule } from './chats/http/index.js';
import { CoreModule } from './core.module.js';
import { DocumentsHttpModule } from './documents/http/index.js';
import { AgUiDoor, agUi } from './doors/ag-ui/index.js';
import { a2a, A2aDoor, a2aErrors } from './doors/a2a/index.js';
import { AiSdkDoor, aiSdk } from './doors/ai-sdk/index.js';
import { conversations, ConversationsDoor } from './doors/conversations/index.js';
import { CoordinatorDoor } from './doors/coordinator/index.js';
import { langGraph, LangGraphDoor } from './doors/langgraph/index.js';
import { openAi, OpenAiDoor, openAiErrors } from './doors/openai/index.js';
import { ReplayDoor } from './doors/replay/index.js';
import { session, SessionDoor, sessionErrors } from './doors/session/index.js';
import { StreamDoor } from './doors/stream/index.js';
import { FilesHttpModule } from './files/http/index.js';
import { HealthModule } from './health/index.js';
import { LimitsModule } from './limits/index.js';
import { MessagesHttpModule } from './messages/http/index.js';
import { PersonalDataHttpModule } from './personal-data/http/index.js';
import type { Settings } from './platform/config/index.js';
import { ErrorForms, HttpModule } from './platform/http/index.js';
import { RunsHttpModule } from './runs/http/index.js';
import { DialectRegistry, v1, v1Unnamed } from './streams/index.js';
import { ToolsHttpModule } from './tools/http/index.js';
import { UsersHttpModule } from './users/http/index.js';
import { WebModule } from './web/index.js';

/** The resources of the API. */
const API = [
  UsersHttpModule,
  ChatsHttpModule,
  MessagesHttpModule,
  RunsHttpModule,
  FilesHttpModule,
  DocumentsHttpModule,
  AgentHttpModule,
  ToolsHttpModule,
  AdminModule,
  PersonalDataHttpModule,
];

/** The dialects a log can be read in: `?dialect=`. */
export const DIALECTS = [v1, v1Unnamed, aiSdk, openAi, session, conversations, agUi, a2a, langGraph];

/** What errors look like where a client does not read problem documents. */
const ERROR_FORMS = [openAiErrors, sessionErrors, a2aErrors];

/** The doors through which people reach the logs. */
const DOORS = [
  StreamDoor,
  ReplayDoor,
  OpenAiDoor,
  SessionDoor,
  CoordinatorDoor,
  AiSdkDoor,
  AgUiDoor,
  ConversationsDoor,
  A2aDoor,
  LangGraphDoor,
];

@Global()
@Module({
  providers: [
    { provide: DialectRegistry, useValue: new DialectRegistry(DIALECTS) },
    { provide: ErrorForms, useValue: new ErrorForms(ERROR_FORMS) },
  ],
  exports: [DialectRegistry, ErrorForms],
})
class FormsModule {}

/**
 * The map of the application: the core, and the parts of it that this process serves over HTTP. A worker answers only
 * its operators.
 */
@Module({})
export class AppModule {
  static with(settings: Settings, mongoUri: string): DynamicModule {
    return {
      module: AppModule,
      imports: [
        CoreModule.with(settings, mongoUri),
        AuthModule.with(settings),
        // The page, and the rejection of what no route handled, register themselves after the routes in this order.
        ...(settings.ROLE === 'worker' ? [] : [WebModule]),
        HttpModule,
        ...(settings.ROLE === 'worker' ? [] : [LimitsModule]),
        ...(settings.ROLE === 'worker' ? [] : [FormsModule, ...API, ...DOORS]),
        HealthModule,
      ],
    };
  }
}
