/** The least that settings can be; what a test adds to its zone comes after it. */
export const listener =
  'arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/main/50dc6c495c0c9188/f2f7dc8efc522ab2';
export const zone = `zones:
  production:
    address: https://apps.example.com
    region: eu-west-1
    cluster: outsystems
    listener: ${listener}
    testRoute: { value: a-long-test-secret }
`;
