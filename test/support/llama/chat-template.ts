/** The model's special tokens; each is one token. */
export const SPECIAL = {
  end: '<|endoftext|>',
  turn: '<|im_start|>',
  endOfTurn: '<|im_end|>',
  think: '<think>',
  endOfThought: '</think>',
  call: '<tool_call>',
  endOfCall: '</tool_call>',
} as const;

/**
 * ChatML with tools and thinking, as many real models have it. With `enable_thinking` an answer begins inside a thought,
 * which the model has to end itself.
 */
export const CHAT_TEMPLATE = `{%- macro content_of(message) -%}
{{ message.content if message.content is string else '' }}
{%- endmacro -%}
{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}# Tools

You may call one or more functions. Their signatures are within <tools></tools>:
<tools>
{%- for tool in tools %}
{{ tool | tojson }}
{%- endfor %}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> tags:
<tool_call>
{"name": <function-name>, "arguments": <args-json-object>}
</tool_call><|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}
{%- for message in messages %}
{%- if message.role == 'user' or (message.role == 'system' and not loop.first) %}<|im_start|>{{ message.role }}
{{ content_of(message) }}<|im_end|>
{% elif message.role == 'assistant' %}<|im_start|>assistant
{% if message.reasoning_content %}<think>
{{ message.reasoning_content }}
</think>

{% endif %}{{ content_of(message) }}
{%- for call in message.tool_calls or [] %}
<tool_call>
{"name": "{{ call.function.name }}", "arguments": {{ call.function.arguments | tojson }}}
</tool_call>
{%- endfor %}<|im_end|>
{% elif message.role == 'tool' %}<|im_start|>user
<tool_response>
{{ content_of(message) }}
</tool_response><|im_end|>
{% endif %}
{%- endfor %}
{%- if add_generation_prompt %}<|im_start|>assistant
{% if enable_thinking is defined and enable_thinking %}<think>
{%- else %}<think>

</think>

{% endif %}
{%- endif %}`;
