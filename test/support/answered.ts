/** The operations of the APIs besides AgentCore that have constraints; scripts/constraints.py has the same list. */
export const ANSWERED = {
  bedrock: ['Converse', 'ConverseStream', 'CountTokens', 'InvokeModel', 'InvokeModelWithResponseStream'],
  logs: [
    'CreateLogGroup',
    'CreateLogStream',
    'DeleteLogGroup',
    'DeleteLogStream',
    'DeleteRetentionPolicy',
    'DescribeLogGroups',
    'DescribeLogStreams',
    'FilterLogEvents',
    'GetLogEvents',
    'ListTagsForResource',
    'ListTagsLogGroup',
    'PutLogEvents',
    'PutRetentionPolicy',
    'TagLogGroup',
    'TagResource',
    'UntagLogGroup',
    'UntagResource',
  ],
} as const;
