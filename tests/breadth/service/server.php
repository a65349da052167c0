<?php
// The made-up clinic over PHP's own SOAP, which reads and writes every style by the WSDL:
// /NAME speaks NAME.wsdl in SOAP 1.1, /NAME/12 in SOAP 1.2, and ?secured wants a UsernameToken.

ini_set('soap.wsdl_cache_enabled', '0');
ini_set('display_errors', '0');

const PASSWORD = "made-up \u{5bc6}\u{7801} <&>";

/** Answers with what it was asked, so that the asker can compare. */
class Clinic
{
    private string $user = 'nobody';
    private bool $trusted = false;

    public function __construct(private string $name, private bool $secured) {}

    /** The header block of the WSDL. */
    public function Caller($caller)
    {
        $this->user = $caller->User . '/' . $caller->Channel;
    }

    /** WS-Security UsernameToken: the password as text, or as digest over nonce, time and password. */
    public function Security($security)
    {
        $token = $security->UsernameToken;
        $expected = PASSWORD;
        if (isset($token->Nonce)) {
            $nonce = base64_decode($token->Nonce);
            $expected = base64_encode(sha1($nonce . $token->Created . PASSWORD, true));
        }
        $this->trusted = $token->Username === 'gateway' && hash_equals($expected, $token->Password);
    }

    public function Arrange($department, $limit, $schedules)
    {
        $this->requireTrust();
        if ($department === '') {
            throw new SoapFault('Client', 'no department');
        }
        $encoded = $this->name === 'encoded';
        $all = $encoded ? $schedules : ($schedules->schedule ?? []);
        $all = array_slice(is_array($all) ? $all : [$all], 0, $limit);
        // One object for all: in rpc/encoded it is then written once and referred to.
        foreach ($all as $each) {
            if ($each->doctor == $all[0]->doctor) {
                $each->doctor = $all[0]->doctor;
            }
        }
        $note = $all ? $department . ':' . $all[0]->doctor->code : $department;
        return [
            'return' => $encoded ? $all : (object) ['schedule' => $all],
            'count' => count($all),
            'note' => $note,
        ];
    }

    public function Admit($visit)
    {
        $this->requireTrust();
        $orders = $visit->Order ?? [];
        foreach (is_array($orders) ? $orders : [$orders] as $order) {
            $type = isset($order->Dose) ? 'Drug' : 'Test';
            $visit->Ordered[] = new SoapVar($order, SOAP_ENC_OBJECT, $type, 'urn:clinic');
        }
        $visit->Order = $visit->Ordered ?? [];
        unset($visit->Ordered);
        $visit->By = $this->user;
        $visit->any = '<x:Bed xmlns:x="urn:extension" x:floor="3"><x:No>7</x:No></x:Bed>';
        return $visit;
    }

    public function Count($ward)
    {
        $this->requireTrust();
        return preg_match_all('/./u', $ward);
    }

    private function requireTrust()
    {
        if ($this->secured && !$this->trusted) {
            throw new SoapFault('Client', 'not trusted');
        }
    }
}

if ($_SERVER['REQUEST_METHOD'] !== 'POST') {
    exit('ready');
}
require __DIR__ . '/strings.php';
if ($_SERVER['REQUEST_URI'] === '/raw') {
    Strings::answerRaw(file_get_contents('php://input'));
    exit;
}
[, $name, $version] = explode('/', parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) . '/');
$server = new SoapServer(__DIR__ . "/$name.wsdl", [
    'soap_version' => $version === '12' ? SOAP_1_2 : SOAP_1_1,
    'features' => SOAP_SINGLE_ELEMENT_ARRAYS,
    'cache_wsdl' => WSDL_CACHE_NONE,
]);
$clinic = new Clinic($name, isset($_GET['secured']));
$server->setObject($name === 'strings' ? new Strings() : $clinic);
$server->handle();
