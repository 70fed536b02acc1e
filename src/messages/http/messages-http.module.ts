import { Module } from '@nestjs/common';
import { MessagesModule } from '../messages.module.js';
import { FollowableMessages } from './followable-messages.js';
import { MessagesController } from './messages.controller.js';

/** Messages over HTTP. */
@Module({
  imports: [MessagesModule],
  controllers: [MessagesController],
  providers: [FollowableMessages],
})
export class MessagesHttpModule {}
