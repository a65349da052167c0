<?php
// A service of one string: it reads the message as its code says, and answers with it made anew.

class Strings
{
    private const KEY = 'a-made-up-secret-of-32-bytes-xxx';

    /** The result is a return value, the message an out parameter beside it. */
    public function Process($code, $text)
    {
        [$style, $charset, $written] = [...explode(' ', $code), ''];
        $told = $written
            ? self::encrypted($style, $charset, $written, $text)
            : self::again($style, $charset, $text);
        return ['result' => 1, 'told' => $told];
    }

    /** AES-ECB of the message, in lines of Base64 or in capital hexadecimal digits. */
    private static function encrypted($style, $charset, $written, $text)
    {
        $bytes = $written === 'hex' ? hex2bin($text) : base64_decode($text, true);
        $plain = openssl_decrypt($bytes, 'aes-256-ecb', self::KEY, OPENSSL_RAW_DATA);
        $again = self::again($style, $charset, iconv($charset, 'UTF-8', $plain));
        $told = iconv('UTF-8', $charset, $again);
        $bytes = openssl_encrypt($told, 'aes-256-ecb', self::KEY, OPENSSL_RAW_DATA);
        return $written === 'hex' ? strtoupper(bin2hex($bytes)) : chunk_split(base64_encode($bytes));
    }

    /** The string is turned into its charset and back, as in such services. */
    public static function again($style, $charset, $text)
    {
        $text = iconv($charset, 'UTF-8', iconv('UTF-8', $charset, $text));
        if ($style === 'json') {
            $flags = JSON_UNESCAPED_UNICODE | JSON_PRETTY_PRINT | JSON_THROW_ON_ERROR;
            return json_encode(json_decode($text, false, 32, JSON_THROW_ON_ERROR), $flags);
        }
        if ($style === 'delimited') {
            [$card, $name, $items] = explode('|', $text);
            return implode('|', [$card, $name, implode(';', explode(';', $items))]);
        }
        return $text;
    }

    /** One that cuts its message out of the envelope, instead of reading XML. */
    public static function answerRaw($envelope)
    {
        preg_match('~<text[^>]*>(<MESSAGE>.*</MESSAGE>)</text>~s', $envelope, $found);
        header('Content-Type: text/xml; charset=utf-8');
        $answer = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body>'
            . '<s:ProcessResponse xmlns:s="urn:strings"><result>1</result><told>' . $found[1]
            . '</told></s:ProcessResponse></e:Body></e:Envelope>';
        header('Content-Length: ' . strlen($answer));
        echo $answer;
    }
}
