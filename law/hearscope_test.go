package law_test

import (
	"slices"
	"strings"
	"testing"

	"letterlock/law"
)

// What is asked too widely, as orders write it.
var scopeDemands = []spokenDemand{
	{"Se facilitarán todos y cada uno de los datos desde la creación de la cuenta hasta hoy.", "SCOPE.FROM_INCEPTION"},
	{"Remitir toda la información disponible.", "SCOPE.FROM_INCEPTION"},
	{"La empresa comenzará: active el registro de las conexiones y conserve los datos en lo sucesivo.", "SCOPE.START_LOGGING"},
	{"Identificar todos los dispositivos ubicados en un radio de 500 metros.", "SCOPE.REVERSE_GEOFENCE"},
	{"Identificar a todos los usuarios que hayan compartido mensajes que contengan la frase siguiente.", "SCOPE.REVERSE_KEYWORD"},
	{"Se solicita el volcado de antenas y todos los usuarios conectados a la celda.", "SCOPE.TOWER_DUMP"},
	{"Remitan la lista completa de integrantes; todos los miembros del grupo.", "SCOPE.GROUP_DUMP"},
	{"Los datos de los contactos de sus contactos, hasta dos saltos.", "SCOPE.CHAINING"},
	{"Entregará la base de datos completa de todos sus usuarios.", "SCOPE.BULK"},
	{"Datos de todas las personas en contacto con el número y datos de quienes se comunicaron con él.", "TGT.THIRD_PARTY"},
	{"تقديم كافة البيانات المتوفرة منذ إنشاء الحساب حتى تاريخه", "SCOPE.FROM_INCEPTION"},
	{"يتعين على الشركة تفعيل تسجيل الاتصالات والاحتفاظ بها من الآن فصاعدا", "SCOPE.START_LOGGING"},
	{"تحديد جميع الأجهزة الموجودة ضمن نطاق 500 متر", "SCOPE.REVERSE_GEOFENCE"},
	{"تحديد جميع المستخدمين الذين أرسلوا رسائل تحتوي على عبارة معينة", "SCOPE.REVERSE_KEYWORD"},
	{"بيانات جميع المستخدمين المتصلين بالبرج", "SCOPE.TOWER_DUMP"},
	{"موافاتنا بقائمة أعضاء المجموعة وبيانات جميع أعضاء المجموعة", "SCOPE.GROUP_DUMP"},
	{"بيانات جهات الاتصال لجهات الاتصال", "SCOPE.CHAINING"},
	{"تسليم بيانات جميع مستخدميكم وقاعدة البيانات بأكملها", "SCOPE.BULK"},
	{"بيانات جهات اتصال المشتبه به وبيانات كل من تواصل معه", "TGT.THIRD_PARTY"},
}

// asking is a subpoena of those words; without a target where the rule is for
// demands that name nobody.
func asking(t *testing.T, text string, id law.FindingID) law.Demand {
	d := saying(t, text)
	if strings.HasPrefix(string(id), "SCOPE.REVERSE_") {
		d.Targets = nil
	}
	return d
}

func TestWhatIsAskedTooWidelyIsHeardInSpanishAndArabic(t *testing.T) {
	for _, d := range scopeDemands {
		for how, spell := range spellings {
			got := law.Judge(nil, asking(t, spell(d.text), d.id))
			if f := found(got, d.id); f == nil || f.Decided {
				t.Errorf("%s: %q raises %v, want %s as a proposal", how, d.text, ids(got), d.id)
			}
		}
	}
}

// Every single phrase is heard as it is written, so that none is dead.
func TestEveryPhraseIsHeardAsItIsWritten(t *testing.T) {
	for id, phrases := range law.Phrases(law.Default()) {
		for _, p := range phrases {
			if got := law.Judge(nil, asking(t, strings.ReplaceAll(p, "* ", ""), id)); !has(got, id) {
				t.Errorf("%s: %q is not heard", id, p)
			}
		}
	}
}

// Orders of the ordinary kind that come near to a phrase.
var narrow = []string{
	"Los registros de la cuenta desde el 1 de octubre de 2026 hasta el 31 de octubre de 2026.",
	"El investigado es miembro del grupo de trabajo; el acusado contactó con sus padres.",
	"La base de datos del Juzgado contiene el expediente. El registro de la vivienda se practicó a las nueve.",
	"La antena del edificio se cayó; los testigos estaban presentes en el acto del juicio.",
	"Se conservarán los datos de dicha cuenta durante noventa días.",
	"بيانات الحساب للفترة من 1 أكتوبر 2026 إلى 31 أكتوبر 2026",
	"المتهم عضو في مجموعة العمل، وتم تسجيل أقوال الشاهد.",
	"جهة الاتصال في النيابة هي الضابط المكلف، وبرج السكن يقع في المدينة.",
	"قاعدة بيانات المحكمة تتضمن ملف القضية.",
}

func TestAnOrderOfOrdinaryScopeIsNotHeardAsTooWide(t *testing.T) {
	for _, text := range narrow {
		for _, id := range []law.FindingID{"SCOPE.BULK", "SCOPE.REVERSE_KEYWORD"} { // with a target, and without
			got := law.Judge(nil, asking(t, text, id))
			got = slices.DeleteFunc(got, func(f law.Finding) bool { return !slices.Contains(f.Where, "text") })
			if len(got) != 0 {
				t.Errorf("%q raises %v (%q)", text, ids(got), got[0].Note)
			}
		}
	}
}
