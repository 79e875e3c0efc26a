import django.db.models.deletion
import reserve_portal.core.clock
import reserve_portal.papers.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('accounts', '__first__'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.CreateModel(
            name='NumberSequence',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(max_length=120, unique=True, verbose_name='Ряд')),
                ('last', models.PositiveIntegerField(default=0, verbose_name='Последний номер')),
            ],
            options={
                'verbose_name': 'Ряд номеров',
                'verbose_name_plural': 'Ряды номеров',
            },
        ),
        migrations.CreateModel(
            name='IssuedPaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('object_id', models.PositiveBigIntegerField(blank=True, null=True)),
                ('kind', models.CharField(max_length=40, verbose_name='Вид')),
                ('number', models.CharField(max_length=60, verbose_name='Номер')),
                ('title', models.CharField(max_length=300, verbose_name='Заголовок')),
                ('dated', models.DateField(verbose_name='Дата')),
                ('issued_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Выдан')),
                ('html', models.TextField(blank=True, verbose_name='Текст до печати')),
                ('stored', models.FileField(blank=True, upload_to=reserve_portal.papers.models.paper_path, verbose_name='Файл')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveIntegerField(null=True, verbose_name='Размер, байт')),
                ('check_code', models.CharField(max_length=16, unique=True, verbose_name='Код проверки')),
                ('content_type', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='contenttypes.contenttype')),
                ('issued_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кем выдан')),
                ('person', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='papers', to=settings.AUTH_USER_MODEL, verbose_name='О ком')),
            ],
            options={
                'verbose_name': 'Выданный документ',
                'verbose_name_plural': 'Выданные документы',
                'ordering': ['-pk'],
                'indexes': [models.Index(fields=['content_type', 'object_id'], name='papers_issu_content_f01dc1_idx'), models.Index(condition=models.Q(('html', ''), _negated=True), fields=['id'], name='paper_to_be_made')],
                'constraints': [models.UniqueConstraint(fields=('kind', 'number'), name='paper_number_once_per_kind')],
            },
        ),
        migrations.CreateModel(
            name='PaperSignature',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('form', models.CharField(choices=[('scan', 'скан подписанного документа'), ('detached', 'отсоединённая электронная подпись')], max_length=10, verbose_name='Вид')),
                ('signer_name', models.CharField(blank=True, max_length=310, verbose_name='ФИО подписавшего')),
                ('file', models.FileField(upload_to='signatures/%Y/%m', verbose_name='Файл')),
                ('sha256', models.CharField(max_length=64, verbose_name='SHA-256')),
                ('size', models.PositiveIntegerField(verbose_name='Размер, байт')),
                ('integrity', models.CharField(blank=True, choices=[('valid', 'целостность подтверждена'), ('altered', 'документ или подпись изменены'), ('unchecked', 'проверить не удалось')], max_length=10, verbose_name='Целостность')),
                ('reason', models.CharField(blank=True, max_length=300, verbose_name='Пояснение')),
                ('trust', models.CharField(blank=True, choices=[('trusted', 'сертификат доверенный'), ('unknown', 'доверие к сертификату не проверено'), ('not_in_term', 'сертификат не действовал в момент подписания')], max_length=12, verbose_name='Доверие')),
                ('trust_reason', models.CharField(blank=True, max_length=400, verbose_name='Пояснение о доверии')),
                ('certificate', models.JSONField(blank=True, default=dict, verbose_name='Сертификат')),
                ('owner_fits', models.BooleanField(default=False, verbose_name='Сертификат подписавшего')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='Подписано')),
                ('added_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Загружена')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Загрузил')),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signatures', to='papers.issuedpaper')),
                ('signer', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Кто подписал')),
            ],
            options={
                'verbose_name': 'Подпись',
                'verbose_name_plural': 'Подписи',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='TrustedRoot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=300, verbose_name='Владелец')),
                ('certificate', models.BinaryField(verbose_name='Сертификат')),
                ('fingerprint', models.CharField(max_length=64, unique=True, verbose_name='Отпечаток SHA-256')),
                ('valid_from', models.DateTimeField(verbose_name='Действует с')),
                ('valid_until', models.DateTimeField(verbose_name='Действует по')),
                ('is_active', models.BooleanField(default=True, verbose_name='Доверять')),
                ('added_at', models.DateTimeField(default=reserve_portal.core.clock.now, verbose_name='Загружен')),
                ('added_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='Загрузил')),
            ],
            options={
                'verbose_name': 'Корневой сертификат',
                'verbose_name_plural': 'Корневые сертификаты',
                'ordering': ['name'],
            },
        ),
    ]
